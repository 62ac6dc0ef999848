#!/usr/bin/env python3
"""Opens the workbooks of the demonstration in LibreOffice and compares every number with the API: spreadsheets_test.py

It reads them as a spreadsheet does, with HTTP Basic, and as docs/SPREADSHEETS.md says.
"""

import base64
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import service

YEAR = 2025
# Every sheet as CSV in UTF-8; texts quoted, numbers as they are stored.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)')


def download(url, client, file):
    """Returns the bytes of an export, read with the id and the secret of a system."""
    basic = base64.b64encode(":".join(client).encode()).decode()
    request = urllib.request.Request(f"{url}/v1/exports/{file}", headers={"Authorization": f"Basic {basic}"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def convert(folder, name, content):
    """Opens a workbook without a screen. Returns its sheets: the rows, each a cell by its column. A number is a float, an
    empty cell is None."""
    (folder / f"{name}.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", FILTER, "--outdir", str(folder), str(folder / f"{name}.xlsx")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=240)
    return {file.stem.removeprefix(f"{name}-"): table(file.read_text()) for file in folder.glob(f"{name}-*.csv")}


def table(text):
    lines, line, end = [], [], ""
    for quoted, plain, end in (match.groups() for match in CELL.finditer(text)):
        if quoted is not None and (quoted or not plain):
            line.append(quoted.replace('""', '"') or None)
        else:
            line.append(float(plain) if plain else None)
        if end != ",":
            lines.append(line)
            line = []
    header, *rows = [line for line in lines if any(cell is not None for cell in line)]
    return [dict(zip(header, row + [None] * (len(header) - len(row)))) for row in rows]


def same(cell, value, where):
    assert cell == value, f"{where}: {cell} in the spreadsheet, {value} in the API"
    return 1


def main():
    with service.running("demo") as url, tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        token = service.administrator(url)
        client = service.system(url)
        quarters = service.call(url, "GET", f"/v1/realisations?from={YEAR}-Q1&to={YEAR}-Q4&limit=100", token)["items"]
        years = service.call(url, "GET", f"/v1/realisations?period={YEAR}&district_code=63.11.06", token)
        sheets = convert(folder, "realisasi", download(url, client, f"realisations.xlsx?year={YEAR}"))
        assert set(sheets) == {"IKU", "Rencana aksi", "Keterangan"}, set(sheets)
        compared = 0
        of_code = {row["kode_indikator"]: row for row in sheets["IKU"]}
        plan = {(row["kode_indikator"], row["triwulan"]): row for row in sheets["Rencana aksi"]}
        for value in quarters:
            code, quarter = value["indicator"]["code"], int(value["period"][-1])
            for column, member in (("realisasi", "value"), ("target", "target"), ("capaian", "achievement")):
                where = f"{code} {value['period']} {member}"
                compared += same(of_code[code][f"{column}_tw_{quarter}"], value[member], where)
                compared += same(plan[code, quarter][column], value[member], where)
        for value in years["items"]:
            row = of_code[value["indicator"]["code"]]
            compared += same(row["realisasi_tahunan"], value["value"], "the year")
            compared += same(row["capaian"], value["achievement"], "the year")
            assert row["kendala"] is None and row["bukti"] is None and row["opd_kode"] is None
        report = convert(folder, "lkjip", download(url, client, f"lkjip.xlsx?year={YEAR}"))
        assert len(report) == 5, set(report)
        for row, value in zip(report["1 Target dan realisasi"], years["items"], strict=True):
            for column, member in (("realisasi", "value"), ("target", "target"), ("capaian", "achievement")):
                compared += same(row[column], value[member], f"lkjip {column}")
        for row, objective in zip(report["4 Capaian sasaran"], years["objectives"], strict=True):
            compared += same(row["capaian"], objective["achievement"], objective["objective"])
        assert compared == 2 * 3 * 20 + 10 + 15 + 4, compared
        try:
            download(url, (client[0], "salah"), "realisations.xlsx")
        except urllib.error.HTTPError as refused:
            assert refused.code == 401, refused.code
        else:
            raise SystemExit("a wrong secret was accepted")
        print(f"LibreOffice shows {compared} numbers as the API has them")


if __name__ == "__main__":
    main()
