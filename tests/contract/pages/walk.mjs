// The year's main tasks of a Kasi, a Camat and others, with real clicks: each walk is one size of window, with or without scripts.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { look, open, signIn, visit } from "./browser.mjs";

const PHONE = { id: "c6e4348c-7c74-40b4-9db0-89e6a4bf6639", secret: "paringin-demo-phone" };
const ELEMENTS = ["persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan"];
const YEAR = new Date().getFullYear();

const place = (visitor, name) => visitor.page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name, exact: true }).click();
const press = (visitor, name) => visitor.page.getByRole("button", { name, exact: true }).click();
const field = (visitor, label) => visitor.page.getByLabel(label).locator("visible=true").first();
const summary = (visitor, name) => visitor.page.locator("summary", { hasText: name }).first().click();
const words = (visitor) => visitor.page.locator("main").innerText();

/** Returns the numbers of a pair such as "Responden" in the first list of pairs that has it. */
async function pair(visitor, name) {
  const row = visitor.page.locator(".pairs > div", { has: visitor.page.locator("dt", { hasText: name }) }).first();
  return (await row.locator("dd").innerText()).trim();
}

/** Returns the value of an indicator on the overview, 0 for none. */
async function value(visitor, number) {
  await place(visitor, "Beranda");
  const card = visitor.page.locator("article", { hasText: `IKU ${number}` });
  const text = await card.locator(".value").first().innerText();
  return Number.parseFloat(text.replace(",", ".")) || 0;
}

/** Records a report, sees the value move, returns the report, and sees the value move back. */
async function reports(visitor, kind, number) {
  const { page } = visitor;
  const before = await value(visitor, number);
  await look(visitor, "beranda");
  await place(visitor, "Laporan");
  await look(visitor, "laporan");
  const name = await page.getByRole("link", { name: new RegExp(`, ${kind} ${YEAR - 1}: Belum masuk$`) }).first().getAttribute("aria-label");
  const cell = (state) => page.getByRole("link", { name: name.replace("Belum masuk", state), exact: true });
  await cell("Belum masuk").click();
  await look(visitor, "laporan-belum-masuk");
  await field(visitor, "Diterima kecamatan").fill("2099-01-01");
  await press(visitor, "Catat laporan");
  await page.getByText("Ada yang perlu diperbaiki").waitFor();
  await look(visitor, "laporan-salah");
  await field(visitor, "Diterima kecamatan").fill(`${YEAR}-01-01`);
  await press(visitor, "Catat laporan");
  await page.getByText("Tersimpan.").waitFor();
  await look(visitor, "laporan-tersimpan");
  const between = await value(visitor, number);
  assert.ok(between > before, `IKU ${number} is ${between} with the report, and was ${before}`);

  await place(visitor, "Laporan");
  await cell("Tepat waktu").click();
  await look(visitor, "laporan-tepat-waktu");
  await summary(visitor, "Kembalikan ke desa");
  await page.locator("details[open]", { hasText: "Kembalikan ke desa" }).getByLabel("Alasan").fill("Lampiran kurang");
  await press(visitor, "Kembalikan ke desa");
  await cell("Dikembalikan").waitFor();
  assert.equal(await value(visitor, number), before, `IKU ${number} does not move back`);
}

/** Brings in a sheet with one report: first its preview, which records nothing, then the rows. */
async function sheet(visitor, number) {
  const { page } = visitor;
  await place(visitor, "Laporan");
  const kind = "bpd-kinerja";
  const cell = page.getByRole("link", { name: new RegExp(`, ${kind} ${YEAR - 1}: Belum masuk$`) }).first();
  const [, , village] = (await cell.getAttribute("href")).split("/");
  const before = await value(visitor, number);
  await place(visitor, "Impor dan ekspor");
  await look(visitor, "lembar");
  const file = (rows) => ({ name: "laporan.csv", mimeType: "text/csv", buffer: Buffer.from(`village_code;kind;fiscal_year;delivered_on\r\n${rows}`) });
  const check = async (rows) => {
    await field(visitor, "Isi lembar").selectOption({ label: "Laporan desa" });
    await field(visitor, "Berkas CSV atau XLSX").setInputFiles(file(rows));
    await press(visitor, "Periksa");
    await page.getByRole("heading", { name: /Hasil pemeriksaan lembar/ }).waitFor();
  };
  await check(`${village};${kind};${YEAR - 1};besok\r\n`);
  assert.match(await words(visitor), /Salah: 1/);
  await look(visitor, "lembar-salah");
  await place(visitor, "Impor dan ekspor");
  await check(`${village};${kind};${YEAR - 1};${YEAR}-01-01\r\n`);
  assert.match(await words(visitor), /Belum ada yang dicatat\.[^]*Baru: 1/);
  await look(visitor, "lembar-periksa");
  await press(visitor, "Catat 1 baris");
  await page.getByText("1 baris tercatat.").waitFor();
  await look(visitor, "lembar-tercatat");
  const after = await value(visitor, number);
  assert.ok(after > before, `IKU ${number} is ${after} with the sheet, and was ${before}`);
}

/** Records a case and takes its next step. */
async function publicCase(visitor) {
  const { page } = visitor;
  await place(visitor, "Kasus");
  await look(visitor, "kasus");
  await page.getByRole("link", { name: "Catat gangguan" }).click();
  await look(visitor, "kasus-baru");
  await field(visitor, "Desa/kelurahan").selectOption({ index: 1 });
  await field(visitor, "Kategori").selectOption({ index: 1 });
  await field(visitor, "Tanggal terjadi").fill(`${YEAR}-01-01`);
  await field(visitor, "Uraian").fill("Pembakaran sampah di dekat rumah warga");
  await press(visitor, "Catat gangguan");
  await page.getByText("Tersimpan.").waitFor();
  await look(visitor, "kasus-dilaporkan");
  await summary(visitor, "Benarkan").catch(() => {});
  await press(visitor, "Benarkan");
  await page.locator(".events", { hasText: "Dibenarkan" }).waitFor();
  await look(visitor, "kasus-dibenarkan");
}

/** Sends an answer as the phone of the demonstration, which keeps answers until the service has them. */
async function answer(url, survey) {
  const headers = { Authorization: `Basic ${btoa(`${PHONE.id}:${PHONE.secret}`)}` };
  const grant = await fetch(`${url}/v1/auth/token`, { method: "POST", headers, body: new URLSearchParams({ grant_type: "client_credentials" }) });
  const { access_token: token } = await grant.json();
  const now = new Date().toISOString();
  const answers = Object.fromEntries(ELEMENTS.map((name) => [name, 4]));
  const body = { sent_at: now, items: [{ id: randomUUID(), survey_id: survey, answered_at: now, service: "ktp", answers }] };
  const sent = await fetch(`${url}/v1/responses/batch`, {
    method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  assert.equal(sent.status, 207, await sent.text());
}

/** Makes a survey, opens it, closes it, and decides that an answer that arrived late counts. */
async function survey(visitor, title) {
  const { page, url } = visitor;
  await place(visitor, "Survei");
  await look(visitor, "survei");
  await page.getByRole("link", { name: "Survei baru" }).click();
  await look(visitor, "survei-baru");
  await field(visitor, "Judul").fill(title);
  await field(visitor, "Seksi").selectOption({ label: "Seksi Pelayanan dan Kesejahteraan Sosial" });
  await field(visitor, "Hari pertama").fill(`${YEAR}-01-01`);
  await field(visitor, "Hari terakhir").fill(`${YEAR}-12-31`);
  await page.locator("main form button[type=submit]").click();
  await page.getByRole("heading", { name: title }).waitFor();
  await look(visitor, "survei-rancangan");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await press(visitor, "Buka survei");
  await page.locator(".mark", { hasText: "Dibuka" }).waitFor();
  await answer(url, id);
  await press(visitor, "Tutup survei");
  await page.locator(".mark", { hasText: "Ditutup" }).waitFor();
  await answer(url, id);
  await page.reload();
  assert.deepEqual([await pair(visitor, "Responden"), await pair(visitor, "Jawaban ditahan")], ["1", "1"]);
  await look(visitor, "survei-ditahan");
  const decide = page.locator("details", { hasText: "Hitung semua jawaban yang ditahan" });
  await decide.getByLabel("Alasan").fill("Diisi sebelum survei ditutup");
  await press(visitor, "Hitung semua jawaban yang ditahan");
  await page.locator("summary", { hasText: "Hitung semua" }).waitFor({ state: "detached" });
  assert.deepEqual([await pair(visitor, "Responden"), await pair(visitor, "Jawaban ditahan")], ["2", "0"]);
  await look(visitor, "survei-diputuskan");
}

/** Closes the next period of last year. */
async function close(visitor) {
  const { page } = visitor;
  await place(visitor, "Tutup periode");
  await page.getByRole("navigation", { name: "Tahun" }).getByRole("link", { name: "2025" }).click();
  await look(visitor, "tutup");
  const before = await page.getByText("Belum ditutup").count();
  await press(visitor, "Tutup");
  await page.getByRole("heading", { name: /^Penutupan / }).waitFor();
  await look(visitor, "tutup-sudah");
  await place(visitor, "Tutup periode");
  await page.getByRole("navigation", { name: "Tahun" }).getByRole("link", { name: "2025" }).click();
  assert.equal(await page.getByText("Belum ditutup").count(), before - 1, "the period is not closed");
}

/** Prints the tables of 2025. */
export async function print(visitor, file) {
  const { page } = visitor;
  await place(visitor, "Impor dan ekspor");
  await page.getByRole("link", { name: /Tampilan cetak/ }).click();
  await page.getByRole("navigation", { name: "Tahun" }).getByRole("link", { name: "2025" }).click();
  await page.getByRole("heading", { name: "Tabel LKjIP 2025" }).waitFor();
  await look(visitor, "cetak");
  await page.pdf({ path: file, format: "A4", landscape: true });
}

async function signOut(visitor) {
  await press(visitor, "Keluar");
  await visitor.page.getByRole("heading", { name: "Masuk" }).waitFor();
  await open(visitor, "/laporan");
  assert.equal(new URL(visitor.page.url()).pathname, "/masuk", "the person is still signed in");
}

/** A page of another site, and one of another port of this host, send a form in the name of a person who is signed in here. */
async function otherSites(visitor) {
  const form = `<!DOCTYPE html><html lang="id"><title>x</title><form method="post" action="${visitor.url}/akun/sesi"><input type="hidden" name="aksi" value="lainnya"><button>Kirim</button></form></html>`;
  const server = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(form));
  await new Promise((done) => server.listen(0, done));
  try {
    for (const host of ["localhost", "127.0.0.1"]) {
      const { page } = visitor;
      await page.goto(`http://${host}:${server.address().port}/`);
      const [refused] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Kirim" }).click()]);
      assert.equal(refused.status(), 403, `a form from ${host} is not refused`);
      assert.match(await words(visitor), /bukan dari halaman layanan ini/);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** The whole walk. Its pages are looked at by `look`. */
export async function walk(url, name, options, file) {
  const as = async (person, task) => {
    const visitor = await visit(url, options);
    try {
      await signIn(visitor, person);
      await task(visitor);
    } catch (fault) {
      console.log(`${name}, ${person}, at ${visitor.page.url()}:\n${await words(visitor)}`);
      throw fault;
    }
    await visitor.context.close();
  };
  await as("kasi.pemerintahan", async (visitor) => {
    await reports(visitor, "lppd", 4);
    await sheet(visitor, 4);
    await otherSites(visitor);
    await open(visitor, "/");
    await signOut(visitor);
  });
  await as("kasi.pembinaan", (visitor) => reports(visitor, "lpj-apbdes", 5));
  await as("kasi.trantibum", publicCase);
  await as("kasi.pelayanan", (visitor) => survey(visitor, `Survei ${name}`));
  await as("camat", async (visitor) => {
    await close(visitor);
    await print(visitor, file);
    await signOut(visitor);
  });
}
