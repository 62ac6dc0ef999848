// A program of the regency in Go, with the client that openapi-generator makes from the document. docs/API-DESIGN.md has the
// command that makes it. IKU_URL is the address of the service with the demonstration's records, IKU_CLIENT_ID and
// IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the password of the user admin.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"iku"
)

func check(right bool, what any) {
	if !right {
		log.Fatalf("wrong: %v", what)
	}
}

func must[T, R any](value T, _ R, err error) T {
	if refused, ok := err.(*iku.GenericOpenAPIError); ok {
		log.Fatalf("%v: %s", err, refused.Body())
	}
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	configuration := iku.NewConfiguration()
	configuration.Servers = iku.ServerConfigurations{{URL: os.Getenv("IKU_URL")}}
	client := iku.NewAPIClient(configuration)
	ctx := context.Background()

	// Sign in as a system. Every later call has the token.
	token := must(client.AuthAPI.CreateToken(ctx).GrantType("client_credentials").
		ClientId(os.Getenv("IKU_CLIENT_ID")).ClientSecret(os.Getenv("IKU_CLIENT_SECRET")).Execute())
	configuration.AddDefaultHeader("Authorization", "Bearer "+token.AccessToken)
	fmt.Println("signed in")

	// Pull the five values of the year.
	values := map[string]float64{}
	for _, one := range must(client.RealisationsAPI.ListRealisations(ctx).Period("2025").Execute()).Items {
		values[one.Indicator.Code] = float64(one.GetValue())
	}
	wanted := []float64{83.45, 95, 78.57, 89.29, 92.86}
	for index, value := range wanted {
		check(values[fmt.Sprintf("paringin-iku-%d", index+1)] == value, values)
	}

	// One of them, and how it came about.
	one := must(client.RealisationsAPI.GetRealisation(ctx, "paringin-iku-1", "2025").Execute())
	grade := one.GetGrade()
	check(fmt.Sprint(grade.Letter) == "B" && one.FactsRecordedAt.Get() != nil, one)
	explanation := must(client.RealisationsAPI.GetRealisationExplanation(ctx, "paringin-iku-4", "2025").Execute())
	check(float64(explanation.Realisation.GetValue()) == 89.29, explanation)

	// The indicators with their formulas, and the versions of one.
	kinds := map[string]bool{}
	for _, indicator := range must(client.IndicatorsAPI.ListIndicators(ctx).Execute()).Items {
		kinds[string(indicator.Formula.Kind)] = true
	}
	check(kinds["survey_index"] && kinds["report_delivery"], kinds)
	check(len(must(client.IndicatorsAPI.ListIndicatorVersions(ctx, "paringin-iku-1").Execute()).Items) > 0, "no versions")

	// A mistake: the error holds the problem document with a code for the program.
	_, _, err := client.RealisationsAPI.GetRealisation(ctx, "nope", "2025").Execute()
	refused, ok := err.(*iku.GenericOpenAPIError)
	check(ok, err)
	problem, ok := refused.Model().(iku.Problem)
	check(ok && problem.Status == 404 && problem.Code == "not_found", err)

	// Operations outside the version have the same server.
	check(must(client.HealthAPI.GetLiveness(ctx).Execute()).Status == "ok", "the health")
	check(len(must(client.ContractAPI.GetProblemKinds(ctx).Execute()).Items) > 20, "the kinds of problems")

	// Sign in as a person, and page through the villages.
	token = must(client.AuthAPI.CreateToken(ctx).GrantType("password").
		Username("admin").Password(os.Getenv("IKU_ADMIN_PASSWORD")).Execute())
	configuration.AddDefaultHeader("Authorization", "Bearer "+token.AccessToken)
	villages := map[string]bool{}
	request := client.VillagesAPI.ListVillages(ctx).Limit(5)
	for more := true; more; {
		page := must(request.Execute())
		for _, village := range page.Items {
			villages[village.Code] = true
		}
		more = page.NextCursor.Get() != nil
		request = request.Cursor(page.GetNextCursor())
	}
	check(len(villages) == 16, villages)

	// Create a survey, open the version that we read, and post an answer.
	section := iku.Section("pelayanan-kessos")
	survey := must(client.SurveysAPI.CreateSurvey(ctx).
		SurveyInput(*iku.NewSurveyInput("63.11.06", "2025-06-30", section, "2025-04-01", "SKM Triwulan II 2025")).Execute())
	_, answered, err := client.SurveysAPI.GetSurvey(ctx, survey.Id).Execute()
	check(err == nil, err)
	patch := iku.NewSurveyPatch()
	patch.SetStatus("open")
	opened := must(client.SurveysAPI.UpdateSurvey(ctx, survey.Id).IfMatch(answered.Header.Get("ETag")).SurveyPatch(*patch).Execute())
	check(opened.Status == "open" && opened.Title == survey.Title, opened)
	answers := iku.NewSurveyAnswers()
	points := `{"persyaratan":3,"prosedur":3,"waktu":3,"biaya":4,"produk":3,"kompetensi":3,"perilaku":4,"sarana":3,"pengaduan":4}`
	check(json.Unmarshal([]byte(points), answers) == nil, points)
	instant, _ := time.Parse(time.RFC3339, "2025-06-10T09:00:00+08:00")
	answer := iku.NewNewResponse(instant, *answers)
	answer.SetService("ktp")
	answer.SetComment("Cepat")
	stored := must(client.ResponsesAPI.CreateResponse(ctx, survey.Id).NewResponse(*answer).Execute())
	check(stored.Answers.GetBiaya() == 4, stored)

	fmt.Println("signed in, pulled, explained, refused, followed, answered: all as documented")
}
