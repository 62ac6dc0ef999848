// A regency's program in Kotlin, with the models that openapi-generator makes of the document. docs/API-DESIGN.md says how to
// make them. On Android the generated calls (SurveysApi, ...) send them with OkHttp; here the JDK does it, in `send` below.
// IKU_URL and IKU_ADMIN_PASSWORD say where the service is and who asks.
import id.go.balangan.iku.infrastructure.Serializer
import id.go.balangan.iku.models.*
import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import java.time.LocalDate
import java.time.OffsetDateTime
import java.util.UUID
import kotlinx.serialization.encodeToString

val base = System.getenv("IKU_URL") + "/v1"
val json by lazy { Serializer.kotlinxSerializationJson }
val http: HttpClient = HttpClient.newHttpClient()
var token: String? = null

fun send(method: String, path: String, body: String? = null, type: String = "application/json", vararg headers: String): HttpResponse<String> {
    val request = HttpRequest.newBuilder(URI.create(base + path))
        .method(method, body?.let(BodyPublishers::ofString) ?: BodyPublishers.noBody())
        .header("Accept-Language", "en")
    if (body != null) request.header("Content-Type", type)
    if (token != null) request.header("Authorization", "Bearer $token")
    if (headers.isNotEmpty()) request.headers(*headers)
    return http.send(request.build(), BodyHandlers.ofString())
}

fun get(path: String, vararg headers: String) = send("GET", path, null, "", *headers)

/** What a call answered; a problem document becomes an exception. */
inline fun <reified T> HttpResponse<String>.read(): T {
    if (statusCode() >= 400) {
        val problem = json.decodeFromString<Problem>(body())
        error("${problem.status} ${problem.code}: ${problem.detail}")
    }
    return json.decodeFromString<T>(body())
}

fun HttpResponse<*>.etag(): String = headers().firstValue("ETag").get()

fun main() {
    // Before all else: what is not set is not sent. Otherwise a patch would carry a null for it, and null removes.
    Serializer.kotlinxSerializationJsonConfiguration = { encodeDefaults = false }

    // Sign in. The body is a form; every request after it carries the token, and asks for English.
    val password = URLEncoder.encode(System.getenv("IKU_ADMIN_PASSWORD"), Charsets.UTF_8)
    val form = "grant_type=password&username=admin&password=$password"
    token = send("POST", "/auth/token", form, "application/x-www-form-urlencoded").read<TokenAnswer>().accessToken

    // Make a survey. The id is ours, so after a timeout the same request can be sent again.
    val survey = NewSurvey(
        id = UUID.randomUUID(),
        districtCode = "63.11.06",
        title = "SKM Triwulan II 2025",
        section = Section.PELAYANAN_KESSOS,
        startsOn = LocalDate.parse("2025-04-01"),
        endsOn = LocalDate.parse("2025-06-30"),
    )
    val made = send("POST", "/surveys", json.encodeToString(survey)).read<Survey>()
    check(made.id == survey.id)

    // Open it: only the one who has read the newest version may change it, and the ETag says which that was.
    val etag = get("/surveys/${made.id}").etag()
    val patch = json.encodeToString(SurveyPatch(status = SurveyStatus.OPEN))
    val opened = send("PATCH", "/surveys/${made.id}", patch, "application/merge-patch+json", "If-Match", etag).read<Survey>()
    check(opened.status == SurveyStatus.OPEN)

    // Post an answer, and read it back.
    val answer = NewResponse(
        answeredAt = OffsetDateTime.parse("2025-06-10T09:00:00+08:00"),
        service = "ktp",
        answers = SurveyAnswers(
            persyaratan = 3, prosedur = 3, waktu = 3, biaya = 4, produk = 3, kompetensi = 3, perilaku = 4, sarana = 3, pengaduan = 4,
        ),
    )
    val stored = send("POST", "/surveys/${made.id}/responses", json.encodeToString(answer)).read<SurveyResponse>()
    check(stored.answers.biaya == 4)

    // Pull the indicators of the year. The answer counts at once: 30 of 36 points are an index of 83.33.
    val sheet = get("/realisations?period=2025&district=63.11.06").read<RealisationSheet>()
    val index = sheet.items.single { it.indicator.code == "paringin-iku-1" }
    check(index.value.toString() == "83.33")

    // Ask again with the tag: 304 says that nothing changed, and costs next to nothing.
    val one = "/indicators/paringin-iku-1/realisations/2025"
    check(get(one, "If-None-Match", get(one).etag()).statusCode() == 304)

    // The formula is one of several kinds: `when` knows them all.
    val formula = get("/indicators/paringin-iku-4").read<Indicator>().formula
    check(
        when (formula) {
            is IndicatorFormula.ReportDeliveryWrapper -> formula.value.group == ReportGroup.ADMINISTRATION
            is IndicatorFormula.SurveyIndexWrapper, is IndicatorFormula.CaseHandlingWrapper,
            is IndicatorFormula.InstitutionCountWrapper -> false
        },
    )

    // Follow a cursor to its end: every village comes once.
    val villages = mutableSetOf<String>()
    var cursor: String? = null
    do {
        val page = get("/villages?limit=5" + (cursor?.let { "&cursor=$it" } ?: "")).read<VillagePage>()
        villages += page.items.map { it.code }
        cursor = page.nextCursor
    } while (cursor != null)
    check(villages.size == 16)

    // A mistake: the problem document names each field, with a code to act on and words to show.
    val mistaken = NewReport(
        villageCode = "63.11.06.2005", kind = "no such kind!", fiscalYear = 1, deliveredOn = LocalDate.parse("2025-03-14"),
    )
    val refused = send("POST", "/reports", json.encodeToString(mistaken))
    check(refused.statusCode() == 400)
    val problem = json.decodeFromString<Problem>(refused.body())
    check(problem.code == "invalid_body")
    check(problem.errors?.map { it.pointer to it.code }?.toSet() == setOf("#/fiscal_year" to "minimum", "#/kind" to "pattern"))

    println("signed in, answered, read, followed, not modified, refused: all as documented")
}
