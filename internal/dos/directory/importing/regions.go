package importing

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// regionSheet is a list of regions. Its headings tell it from every other list that has numbers and names.
var regionSheet = sheet.Options{
	Columns: []string{"region_number", "region_name"},
	Aliases: map[string][]string{
		"region_number": {"region_id", "region_uid"},
		"region_name":   {"region"},
	},
}

func regionFormat() Format {
	return Format{
		Name:    "regions",
		Kind:    "regions",
		Title:   "a list of regions",
		layouts: []layout{{Options: regionSheet}},
		read:    region,
		check:   checkRegions,
		table:   directory.ImportedRegions(),
	}
}

// regionKeys is with what the keys of regions begin. Their number follows.
const regionKeys = "regions:"

var regionNumber = regexp.MustCompile(`^[0-9]{1,12}$`)

// region reads a row of the regions. Its key is the number.
func region(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	number := row.Get("region_number")
	if !regionNumber.MatchString(number) {
		return p, cell.NotOne(row, "region_number", "the number of a region", "Enter 1 to 12 digits")
	}
	name, err := cell.Required(row, "region_name")
	if err != nil {
		return p, err
	}
	p.key = regionKeys + number
	p.record = directory.Imported{UID: number, Name: name, Type: directory.RegionType}
	return p, nil
}

// checkRegions refuses rows whose number an earlier row has, or a service or region that came in another way.
func checkRegions(ctx context.Context, r db.R, reading Reading) (Reading, error) {
	taken, err := otherNumbers(ctx, r)
	if err != nil {
		return reading, err
	}
	rows := reading.Accepted
	reading.Accepted = nil
	for _, row := range rows {
		one, _ := row.value.(directory.Imported) // region made it
		if by := taken[one.UID]; by != "" {
			reading.refuseRow(row.Number, row.cells, fault.OfField("region_number",
				fault.Quoted(one.UID)+" is the number of "+by+". Enter another number, or leave out the row"))
			continue
		}
		record, err := json.Marshal(one)
		if err != nil {
			return reading, fmt.Errorf("row %d: %w", row.Number, err)
		}
		row.Record = string(record)
		taken[one.UID] = fmt.Sprintf("%s in row %d", fault.Quoted(one.Name), row.Number)
		reading.Accepted = append(reading.Accepted, row)
	}
	return reading, nil
}

// otherNumbers names the services and regions that did not come by a list of regions, by their numbers.
func otherNumbers(ctx context.Context, r db.R) (map[string]string, error) {
	taken := map[string]string{}
	if r == nil {
		return taken, nil
	}
	own, err := directory.ImportedRegions().All(ctx, r)
	if err != nil {
		return nil, err
	}
	all, err := directory.AllCalled(ctx, r)
	for _, s := range all {
		if _, here := own[regionKeys+s.UID]; !here {
			taken[s.UID] = fault.Quoted(s.Name) + ", which is in the directory already"
		}
	}
	return taken, err
}

// parentColumns say what stands above a service: a region or another service.
var parentColumns = []string{"parent", "region"}

var parentAliases = map[string][]string{
	"parent": {"parent_uid", "parent_number", "parent_id", "parent_service", "region_number", "region_uid"},
	"region": {"region_name", "dos_region"},
}

// parentIn gives what a row says stands above its service, as it stands there; empty where it says nothing.
func parentIn(row sheet.Row) string {
	if parent := row.Get("parent"); parent != "" {
		return parent
	}
	return row.Get("region")
}

// standing is where services stand, with what rows of a file that were taken changed. A service that a row adds has its
// key with inFile before it in place of an id.
type standing struct {
	names
	parents map[string]string // by the id of what stands below
	ids     map[string]string // by the key of an import
}

// inFile begins what stands for the id of a service that is in the file and not in the directory yet.
const inFile = "in the file: "

func standingIn(ctx context.Context, r db.R) (s standing, err error) {
	s = standing{parents: map[string]string{}, ids: map[string]string{}}
	if s.names, err = namesIn(ctx, r); err != nil || r == nil {
		return s, err
	}
	tree, err := directory.WholeTree(ctx, r)
	for _, one := range tree {
		s.parents[one.ID] = one.Parent
		if one.Key != "" {
			s.ids[one.Key] = one.ID
		}
	}
	return s, err
}

// isBelow reports whether a service stands below another one.
func (s standing) isBelow(id, other string) bool {
	for range len(s.parents) + 1 { // no way up is longer than all there are
		id = s.parents[id]
		if id == "" || id == other {
			return id == other
		}
	}
	return false
}
