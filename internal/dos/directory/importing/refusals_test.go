package importing_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"signpost/internal/dos/directory/importing"
)

// goodRows are a heading and a row of each format that are accepted.
var goodRows = map[string][2]string{
	"organisations": {"code,name,postcode,status,telephone,setting", "Q81001,Surgery,M1 1AE,ACTIVE,0161 496 0000,4"},
	"pharmacies": {"pharmacy_name,address,postcode,organisation_data_service_code" + weekHeading,
		"Oak,1 High St,M1 1AE,FX001" + strings.Repeat(",09:00-17:00", 7)},
	"dentists":      {dentistHeading, "Oak,1 High St,M1 1AE,0161 496 0000,NA,-2.2,53.4"},
	"outcodes":      {districtHeading, "M1,53.4,-2.2"},
	"regions":       {"region_number,region_name", "101,London"},
	"bank-holidays": {"date,name,instead_of", "2026-06-15,Jubilee,2026-06-01"},
}

// cures are the words with which a refusal says what to do.
var cures = regexp.MustCompile(`Enter |Write |Fill in |Take it out|write closed`)

// Whatever stands in a cell, a refusal quotes it as it is in the file and says what to do.
func TestRefusalsQuoteTheCellAndNameTheCure(t *testing.T) {
	wrong := []string{"", "N/A", "Wr\u200bng", "09:00-09:00", "17:00-09:00", "1-5pm", "00:00-00:00", "99",
		"09:00-12:00/11:00-13:00", strings.Repeat("long ", 100)}
	refused := 0
	for name, lines := range goodRows {
		formats, err := importing.Find("", name)
		if err != nil || len(read(t, formats[0], lines[0]+"\n"+lines[1]+"\n").Accepted) != 1 {
			t.Fatalf("%s: the honest twin: %v", name, err)
		}
		for column := range strings.Split(lines[0], ",") {
			for _, cell := range wrong {
				row := slices.Clone(strings.Split(lines[1], ","))
				row[column] = cell
				r := read(t, formats[0], lines[0]+"\n"+strings.Join(row, ",")+"\n")
				refused += len(r.Refused)
				for _, problem := range r.Refused {
					if about := untold(cell, problem); about != "" {
						t.Errorf("%s, %s: %q %s", name, problem.Field, problem.Reason, about)
					}
				}
			}
		}
	}
	if t.Logf("%d refusals", refused); refused < 150 {
		t.Errorf("%d refusals, fewer than there are reasons for", refused)
	}
}

// untold says what a refusal leaves out of a cell; empty if nothing.
func untold(cell string, problem importing.Refused) string {
	quoted := strconv.Quote(strings.TrimSpace(cell))
	beginning := strings.TrimSuffix(quoted, `"`)
	switch {
	case !cures.MatchString(problem.Reason):
		return "names no cure"
	case problem.Field == "lat" || problem.Field == "latitude": // quoted with the longitude, where both make no place
		return ""
	case cell != "" && !strings.Contains(problem.Reason, beginning[:min(len(beginning), 60)]):
		return fmt.Sprintf("does not quote %s", quoted)
	}
	return ""
}
