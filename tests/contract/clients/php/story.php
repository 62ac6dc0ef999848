<?php
// A program of the regency in PHP, with the client that openapi-generator makes from the document and Debian's Guzzle.
// docs/API-DESIGN.md has the command that makes client/. IKU_URL is the address of the service with the demonstration's
// records, IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the password of the user admin.

declare(strict_types=1);

use OpenAPI\Client\Api;
use OpenAPI\Client\ApiException;
use OpenAPI\Client\Configuration;
use OpenAPI\Client\Model;

// A warning is a fault, too: PHP only warns when a pattern does not compile.
set_error_handler(function (int $kind, string $text, string $file, int $line): bool {
    throw new ErrorException($text, 0, $kind, $file, $line);
}, E_ALL & ~E_DEPRECATED);
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/client/lib/' . str_replace('\\', '/', substr($class, strlen('OpenAPI\\Client\\'))) . '.php';
    if (str_starts_with($class, 'OpenAPI\\Client\\') && is_file($file)) {
        require $file;
    }
});

function check(bool $right, string $what): void
{
    if (!$right) {
        throw new RuntimeException("wrong: $what");
    }
}

$http = new GuzzleHttp\Client();
$conf = Configuration::getDefaultConfiguration()->setHost(getenv('IKU_URL'));

// Sign in as a system. Every later call has the token.
$auth = new Api\AuthApi($http, $conf);
$token = $auth->createToken('client_credentials', getenv('IKU_CLIENT_ID'), getenv('IKU_CLIENT_SECRET'));
$conf->setAccessToken($token->getAccessToken());
echo "signed in\n";

// Pull the five values of the year.
$realisations = new Api\RealisationsApi($http, $conf);
$values = [];
foreach ($realisations->listRealisations('2025')->getItems() as $one) {
    $values[$one->getIndicator()->getCode()] = $one->getValue();
}
ksort($values);
check(array_map(floatval(...), array_values($values)) === [83.45, 95.0, 78.57, 89.29, 92.86], json_encode($values));

// One of them, and how it came about.
$one = $realisations->getRealisation('paringin-iku-1', '2025');
check($one->getGrade()->getLetter() === 'B' && $one->getFactsRecordedAt() instanceof DateTime, 'the realisation');
$explanation = $realisations->getRealisationExplanation('paringin-iku-4', '2025');
check($explanation->getRealisation()->getValue() === 89.29, 'the explanation');

// The indicators with their formulas, and the versions of one.
$indicators = new Api\IndicatorsApi($http, $conf);
$kinds = array_map(fn ($indicator) => $indicator->getFormula()->getKind(), $indicators->listIndicators()->getItems());
check(in_array('survey_index', $kinds, true) && in_array('report_delivery', $kinds, true), json_encode($kinds));
check(count($indicators->listIndicatorVersions('paringin-iku-1')->getItems()) > 0, 'the versions');

// A mistake: the problem document is an object with a code for the program.
try {
    $realisations->getRealisation('nope', '2025');
    check(false, 'no problem');
} catch (ApiException $refused) {
    $problem = $refused->getResponseObject();
    check($problem instanceof Model\Problem && $problem->getStatus() === 404, 'the problem');
    check($problem->getCode() === 'not_found', $problem->getCode());
}

// Operations outside the version have the same server.
check((new Api\HealthApi($http, $conf))->getLiveness()->getStatus() === 'ok', 'the health');
check(count((new Api\ContractApi($http, $conf))->getProblemKinds()->getItems()) > 20, 'the kinds of problems');

// Sign in as a person, and page through the villages.
$token = $auth->createToken(grant_type: 'password', username: 'admin', password: getenv('IKU_ADMIN_PASSWORD'));
$conf->setAccessToken($token->getAccessToken());
$villages = [];
$cursor = null;
do {
    $page = (new Api\VillagesApi($http, $conf))->listVillages(limit: 5, cursor: $cursor);
    array_push($villages, ...array_map(fn ($village) => $village->getCode(), $page->getItems()));
    $cursor = $page->getNextCursor();
} while ($cursor !== null);
check(count(array_unique($villages)) === 16, 'the villages');

// The generated checks take what is right and refuse what is wrong.
$report = new Model\NewReport();
$report->setVillageCode('63.11.06.2005')->setKind('lppd')->setFiscalYear(2025);
$report->setDeliveredOn(new DateTime('2025-03-14'))->setNote("Lengkap, dengan 'lampiran' – 2 berkas.\nBaris kedua.");
check($report->valid(), json_encode($report->listInvalidProperties()));
foreach (['setKind' => 'no such kind!', 'setVillageCode' => '63.11', 'setFiscalYear' => 1] as $set => $wrong) {
    try {
        (new Model\NewReport())->$set($wrong);
        check(false, "$set took $wrong");
    } catch (InvalidArgumentException) {
    }
}

// Create a survey, open the version that we read, and post an answer.
$surveys = new Api\SurveysApi($http, $conf);
$new = new Model\NewSurvey();
$new->setDistrictCode('63.11.06')->setTitle('SKM Triwulan II 2025')->setSection('pelayanan-kessos');
$new->setStartsOn(new DateTime('2025-04-01'))->setEndsOn(new DateTime('2025-06-30'));
$id = $surveys->createSurvey($new)->getId();
[, , $headers] = $surveys->getSurveyWithHttpInfo($id);
$opened = $surveys->updateSurvey($id, $headers['etag'][0], (new Model\SurveyPatch())->setStatus('open'));
check($opened->getStatus() === 'open' && $opened->getTitle() === $new->getTitle(), 'the survey');
$answers = new Model\SurveyAnswers();
$answers->setPersyaratan(3)->setProsedur(3)->setWaktu(3)->setBiaya(4)->setProduk(3);
$answers->setKompetensi(3)->setPerilaku(4)->setSarana(3)->setPengaduan(4);
$answer = new Model\NewResponse();
$answer->setAnsweredAt(new DateTime('2025-06-10T09:00:00+08:00'))->setService('ktp')->setAnswers($answers)->setComment('Cepat');
$stored = (new Api\ResponsesApi($http, $conf))->createResponse($id, $answer);
check($stored->getAnswers()->getBiaya() === 4, 'the answer');

echo "signed in, pulled, explained, refused, followed, checked, answered: all as documented\n";
