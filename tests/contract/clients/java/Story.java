// A program of the regency in Java, with the client that openapi-generator makes from the document for the HTTP client of the
// JDK. docs/API-DESIGN.md has the command that makes client/. IKU_URL is the address of the service with the demonstration's
// records, IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the password of the user admin.

import java.net.http.HttpClient;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuthApi;
import org.openapitools.client.api.ContractApi;
import org.openapitools.client.api.HealthApi;
import org.openapitools.client.api.IndicatorsApi;
import org.openapitools.client.api.RealisationsApi;
import org.openapitools.client.api.ReportsApi;
import org.openapitools.client.api.ResponsesApi;
import org.openapitools.client.api.SurveysApi;
import org.openapitools.client.api.VillagesApi;
import org.openapitools.client.model.*;

public class Story {
  static String token;

  static void check(boolean right, Object what) {
    if (!right) throw new AssertionError("wrong: " + what);
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    // With HTTP/2, which the client offers otherwise, each request without TLS costs a connection.
    client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    client.updateBaseUri(System.getenv("IKU_URL"));
    client.setRequestInterceptor(request -> {
      if (token != null) request.setHeader("Authorization", "Bearer " + token);
    });

    // Sign in as a system. Every later call has the token.
    AuthApi auth = new AuthApi(client);
    String id = System.getenv("IKU_CLIENT_ID"), secret = System.getenv("IKU_CLIENT_SECRET");
    token = auth.createToken("client_credentials", id, secret, null, null, null, null).getAccessToken();
    check(token != null, "no token");
    System.out.println("signed in");

    // Pull the five values of the year.
    RealisationsApi realisations = new RealisationsApi(client);
    TreeMap<String, Double> values = new TreeMap<>();
    for (Realisation one : realisations.listRealisations("2025", null, null, null, null, null, null, null, null).getItems()) {
      values.put(one.getIndicator().getCode(), one.getValue().doubleValue());
    }
    check(List.copyOf(values.values()).equals(List.of(83.45, 95.0, 78.57, 89.29, 92.86)), values);

    // One of them, and how it came about.
    Realisation one = realisations.getRealisation("paringin-iku-1", "2025", null);
    check(one.getGrade().getLetter().toString().equals("B") && one.getFactsRecordedAt() != null, one);
    Explanation explanation = realisations.getRealisationExplanation("paringin-iku-4", "2025", null);
    check(explanation.getRealisation().getValue().doubleValue() == 89.29, explanation);

    // The indicators with their formulas, and the versions of one.
    IndicatorsApi indicators = new IndicatorsApi(client);
    Set<String> kinds = indicators.listIndicators(null, null, null, null, null, null, null, null).getItems().stream()
        .map(indicator -> indicator.getFormula().getKind().toString()).collect(Collectors.toSet());
    check(kinds.containsAll(List.of("survey_index", "report_delivery")), kinds);
    check(!indicators.listIndicatorVersions("paringin-iku-1", null, null, null).getItems().isEmpty(), "no versions");

    // A mistake: the body is a problem document with a code for the program.
    try {
      realisations.getRealisation("nope", "2025", null);
      check(false, "no problem");
    } catch (ApiException refused) {
      Problem problem = client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      check(problem.getStatus() == 404 && problem.getCode().equals("not_found"), problem);
    }

    // Operations outside the version have the same server.
    check(new HealthApi(client).getLiveness().getStatus().equals("ok"), "the health");
    check(new ContractApi(client).getProblemKinds(null).getItems().size() > 20, "the kinds of problems");

    // Sign in as a person, and page through the villages.
    String password = System.getenv("IKU_ADMIN_PASSWORD");
    token = auth.createToken("password", null, null, password, null, null, "admin").getAccessToken();
    Set<String> villages = new TreeSet<>();
    String cursor = null;
    do {
      VillagePage page = new VillagesApi(client).listVillages(null, null, null, null, null, null, null, null, 5L, cursor, null);
      page.getItems().forEach(village -> villages.add(village.getCode()));
      cursor = page.getNextCursor();
    } while (cursor != null);
    check(villages.size() == 16, villages);

    // Create a survey, open the version that we read, and post an answer. The key of the request becomes the id.
    SurveysApi surveys = new SurveysApi(client);
    UUID survey = UUID.randomUUID();
    surveys.createSurvey(new NewSurvey().districtCode("63.11.06").title("SKM Triwulan II 2025")
        .section(Section.PELAYANAN_KESSOS).startsOn(LocalDate.of(2025, 4, 1)).endsOn(LocalDate.of(2025, 6, 30)), survey);
    String version = surveys.getSurveyWithHttpInfo(survey).getHeaders().get("etag").get(0);
    Survey opened = surveys.updateSurvey(survey, version, new SurveyPatch().status(SurveyStatus.OPEN));
    check(opened.getStatus() == SurveyStatus.OPEN && opened.getTitle().equals("SKM Triwulan II 2025"), opened);
    SurveyAnswers answers = new SurveyAnswers().persyaratan(3).prosedur(3).waktu(3).biaya(4).produk(3)
        .kompetensi(3).perilaku(4).sarana(3).pengaduan(4);
    SurveyResponse stored = new ResponsesApi(client).createResponse(survey, new NewResponse().service("ktp")
        .answeredAt(OffsetDateTime.parse("2025-06-10T09:00:00+08:00")).answers(answers).comment("Cepat"), null);
    check(stored.getAnswers().getBiaya() == 4, stored);

    // A wrong report: the problem lists the field.
    try {
      new ReportsApi(client).createReport(new NewReport().villageCode("63.11.06.2005").kind("no such kind!").fiscalYear(2025)
          .deliveredOn(LocalDate.of(2025, 3, 14)), null);
      check(false, "no problem");
    } catch (ApiException refused) {
      Problem problem = client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      check(problem.getErrors().get(0).getPointer().equals("#/kind"), problem);
    }

    System.out.println("signed in, pulled, explained, refused, followed, answered: all as documented");
  }
}
