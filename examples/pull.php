<?php // Pulls the values of years into realisations.csv: IKU_CLIENT_ID=... IKU_CLIENT_SECRET=... php pull.php 2024 2025
// Run it every night; it needs PHP 8 alone. pull-state.json has the pages with their ETags, so an unchanged page is a 304
// without a body. Exit code 1: a sentence on standard error gives the reason, and both files stay as they were.
const COLUMNS = ['code', 'district_code', 'period', 'value', 'exact', 'target', 'achievement', 'status', 'facts_recorded_at'];
define('SERVICE', rtrim(getenv('IKU_URL') ?: 'http://127.0.0.1:8080', '/'));
define('PATIENCE', (int) (getenv('IKU_PATIENCE') ?: 64));

function stop(string $reason): never { fwrite(STDERR, "$reason\n"); exit(1); }

/** Returns status, headers (names in lower case) and body of one request. Status 0: no whole response. */
function once(string $path, array $headers, ?string $form): array {
    $options = ['method' => $form ? 'POST' : 'GET', 'header' => $headers, 'content' => $form ?? '', 'timeout' => 60, 'ignore_errors' => true];
    $stream = @fopen(SERVICE . $path, 'r', false, stream_context_create(['http' => $options]));
    if (!$stream) return [0, [], error_get_last()['message']];
    [$body, $meta, $found] = [stream_get_contents($stream), stream_get_meta_data($stream), []];
    foreach (array_slice($meta['wrapper_data'], 1) as $line) { [$name, $value] = explode(':', $line, 2); $found[strtolower($name)] = trim($value); }
    $whole = !$meta['timed_out'] && strlen($body) >= (int) ($found['content-length'] ?? 0);
    return $whole ? [(int) explode(' ', $meta['wrapper_data'][0])[1], $found, $body] : [0, [], 'the response was cut'];
}

/** Sends a request again while that can help: after no response, 429 and 5xx. Other errors are final. */
function send(string $path, array $headers, ?string $form = null): array {
    for ($pause = 1; ; $pause *= 2) {
        [$status, $found, $body] = once($path, $headers, $form);
        if ($status >= 200 && $status < 500 && $status !== 429) return [$status, $found, $body];
        if ($pause > PATIENCE) stop("The service does not answer: $status $body");
        usleep((int) (1e6 * (($found['retry-after'] ?? $pause) + lcg_value())));
    }
}

function get(string $path, ?string $etag): array {
    static $token = null;
    for ($attempt = 1; ; $attempt++) {
        if (!$token) {
            $form = ['grant_type' => 'client_credentials', 'client_id' => getenv('IKU_CLIENT_ID'), 'client_secret' => getenv('IKU_CLIENT_SECRET')];
            [$status, , $body] = send('/v1/auth/token', ['Content-Type: application/x-www-form-urlencoded'], http_build_query($form));
            $token = $status === 200 ? json_decode($body)->access_token : stop("Sign-in failed: $body");
        }
        [$status, $found, $body] = send($path, ["Authorization: Bearer $token", ...($etag ? ["If-None-Match: $etag"] : [])]);
        if ($status === 200 || $status === 304) return [$status, $found, $body];
        if ($status !== 401 || $attempt === 2) stop("$path: $status $body");
        $token = null; // A token is valid for 15 minutes.
    }
}

if ($argc !== 3) stop('php pull.php FIRST_YEAR LAST_YEAR');
[$old, $new, $rows, $unchanged] = [is_file('pull-state.json') ? json_decode(file_get_contents('pull-state.json'), true) : [], [], [COLUMNS], 0];
foreach (range((int) $argv[1], (int) $argv[2]) as $year) foreach (['-Q1', '-Q2', '-Q3', '-Q4', ''] as $part) {
    for ($first = $path = "/v1/realisations?limit=100&period=$year$part"; $path; $path = $page['next'] ? "$first&cursor=" . rawurlencode($page['next']) : null) {
        [$status, $found, $body] = get($path, $old[$path]['etag'] ?? null);
        $unchanged += (int) ($status === 304);
        $answer = json_decode($body, true);
        $page = $status === 304 ? $old[$path] : ['etag' => $found['etag'] ?? null, 'items' => $answer['items'], 'next' => $answer['next_cursor']];
        foreach (($new[$path] = $page)['items'] as $item) $rows[] = array_map(fn($column) => $item[$column] ?? $item['indicator'][$column] ?? '', COLUMNS);
    }
}
$files = ['realisations.csv' => implode('', array_map(fn($row) => implode(',', $row) . "\n", $rows)), 'pull-state.json' => json_encode($new)];
foreach ($files as $file => $text) if (@file_put_contents("$file.new", $text) === false || !rename("$file.new", $file)) stop("$file cannot be written.");
printf("%d pages, %d unchanged, %d rows\n", count($new), $unchanged, count($rows) - 1);
