"""Pulls the values of years into iku.sqlite: IKU_CLIENT_ID=... IKU_CLIENT_SECRET=... python3 pull.py 2024 2025
Run it every night; it needs Python 3.9 alone. The table `page` has the ETags, so an unchanged page is a 304 without a body.
Exit code 1: a sentence on standard error gives the reason. Each page is stored whole or not at all."""
import json, os, random, sqlite3, sys, time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

SERVICE = os.environ.get("IKU_URL", "http://127.0.0.1:8080").rstrip("/")
COLUMNS = ["code", "district_code", "period", "value", "exact", "target", "achievement", "status", "facts_recorded_at"]
CLIENT = {"client_id": os.environ["IKU_CLIENT_ID"], "client_secret": os.environ["IKU_CLIENT_SECRET"]}
token = None

def send(path, headers, form=None):
    """Returns status, headers and body. Sends again while that can help: after no response, 429 and 5xx."""
    for pause in (2 ** n for n in range(99)):
        try:
            with urlopen(Request(SERVICE + path, data=form and urlencode(form).encode(), headers=headers), timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except HTTPError as answer:
            if answer.code < 500 and answer.code != 429:
                return answer.code, answer.headers, answer.read()
            wait, problem = float(answer.headers.get("Retry-After", pause)), answer
        except (OSError, HTTPException) as error:
            wait, problem = pause, error
        if pause > int(os.environ.get("IKU_PATIENCE", "64")):
            sys.exit(f"The service does not answer: {problem}")
        time.sleep(wait + random.random())

def get(path, etag):
    global token
    for _ in range(2):
        if not token:
            status, _, body = send("/v1/auth/token", {}, {"grant_type": "client_credentials", **CLIENT})
            token = json.loads(body)["access_token"] if status == 200 else sys.exit(f"Sign-in failed: {body.decode()}")
        status, headers, body = send(path, {"Authorization": f"Bearer {token}", **({"If-None-Match": etag} if etag else {})})
        if status != 401:
            break
        token = None  # A token is valid for 15 minutes.
    return (status, headers, body) if status in (200, 304) else sys.exit(f"{path}: {status} {body.decode()}")

db, pages, unchanged = sqlite3.connect("iku.sqlite"), 0, 0
db.execute("create table if not exists page (path primary key, etag, next)")
db.execute(f"create table if not exists realisation ({', '.join(COLUMNS)}, primary key (code, period))")
for period in (f"{year}{part}" for year in range(int(sys.argv[1]), int(sys.argv[2]) + 1) for part in ("-Q1", "-Q2", "-Q3", "-Q4", "")):
    path = first = f"/v1/realisations?limit=100&period={period}"
    while path:
        etag, cursor = db.execute("select etag, next from page where path = ?", (path,)).fetchone() or (None, None)
        status, headers, body = get(path, etag)
        if status == 200:
            cursor = (page := json.loads(body))["next_cursor"]
            rows = [[item["indicator"]["code"]] + [item[column] for column in COLUMNS[1:]] for item in page["items"]]
            with db:
                db.executemany("insert or replace into realisation values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                db.execute("insert or replace into page values (?, ?, ?)", (path, headers["ETag"], cursor))
        pages, unchanged = pages + 1, unchanged + (status == 304)
        path = f"{first}&cursor={quote(cursor)}" if cursor else None
print(f"{pages} pages, {unchanged} unchanged, {db.execute('select count(*) from realisation').fetchone()[0]} rows")
