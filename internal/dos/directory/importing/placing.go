package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet/cell"
)

// placing finds what stands above the services of a file, of which some may stand in the file themselves.
type placing struct {
	standing
	rows    []placed
	rowOf   map[string]int // rows of the file, by the id of their service
	waiting map[int][]int  // rows that name the service of another row, by that row
	taken   []Accepted     // in an order in which each comes after what stands above it
	refuse  func(placed, error)
}

// placed is a row whose service is to stand somewhere.
type placed struct {
	Accepted
	id     string // of its service
	named  string // what the row says stands above it; empty where it says nothing
	parent string // the id of that
	done   bool
	taken  bool
}

// placeServices finds the regions and services that stand above those of a file, in whatever order they stand there. A
// row that names none leaves its service where it stands. r is nil where there is no directory yet.
func placeServices(ctx context.Context, r db.R, reading Reading) (Reading, error) {
	all, err := standingIn(ctx, r)
	if err != nil {
		return reading, err
	}
	p := placing{standing: all, rowOf: map[string]int{}, waiting: map[int][]int{}}
	p.refuse = func(row placed, err error) { reading.refuseRow(row.Number, row.cells, err) }
	if err := p.read(reading.Accepted); err != nil {
		return reading, err
	}
	if err := p.place(p.begin()); err != nil {
		return reading, err
	}
	for _, row := range p.rows {
		if !row.done {
			p.refuse(row, errCircle)
		}
	}
	reading.Accepted = p.taken
	slices.SortFunc(reading.Refused, func(a, b Refused) int { return cmp.Compare(a.Number, b.Number) })
	return reading, nil
}

// read notes the rows, and by what names other rows may mean their services, where any row names one. A service that is
// there may have another name in the file.
func (p *placing) read(rows []Accepted) error {
	names := slices.ContainsFunc(rows, func(row Accepted) bool { return row.value != nil })
	for i, row := range rows {
		one, says := row.value.(directory.Imported)
		id, there := p.ids[row.Key]
		if !there {
			id = inFile + row.Key
		}
		p.rowOf[id] = i
		p.rows = append(p.rows, placed{Accepted: row, id: id, named: one.Parent})
		if !names {
			continue
		}
		if !says {
			if err := json.Unmarshal([]byte(row.Record), &one); err != nil {
				return fmt.Errorf("row %d: %w", row.Number, err)
			}
		}
		for _, called := range []string{one.Name, one.ODSCode} {
			if key := cell.Plain(called); key != "" && !slices.Contains(p.services[key], id) {
				p.services[key] = append(p.services[key], id)
			}
		}
	}
	return nil
}

// begin finds what each row names, and gives those that need not wait for another row.
func (p *placing) begin() (ready []int) {
	for i := range p.rows {
		row := &p.rows[i]
		if row.named == "" {
			continue
		}
		var err error
		if row.parent, err = p.find(row.named); err != nil {
			row.done = true
			p.refuse(*row, err)
		}
	}
	for i, row := range p.rows {
		other, waits := p.rowOf[row.parent]
		switch {
		case row.done:
		case waits && other != i && !p.rows[other].done:
			p.waiting[other] = append(p.waiting[other], i)
		default:
			ready = append(ready, i)
		}
	}
	return ready
}

// place places rows, and those that waited for them.
func (p *placing) place(ready []int) error {
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		row := &p.rows[i]
		row.done = true
		if err := p.check(*row); err != nil {
			p.refuse(*row, err)
		} else if err := p.take(row); err != nil {
			return err
		}
		ready = append(ready, p.waiting[i]...)
	}
	return nil
}

// find gives the id of the region or service that a row means.
func (p *placing) find(named string) (string, error) {
	found := p.regions[cell.Plain(named)]
	if len(found) == 0 {
		found = p.services[cell.Plain(named)]
	}
	switch len(found) {
	case 0:
		return "", fault.OfField("parent", fault.Quoted(named)+" is no region or service of the directory, nor of "+
			"this file. Enter its number or its name, or import it first, with signpost import regions")
	case 1:
		return found[0], nil
	}
	return "", fault.OfField("parent", "Several services are called "+fault.Quoted(named)+". Enter the number of "+
		"the one that is meant")
}

var errCircle = fault.OfField("parent", "In this file, what stands above this service leads round in a circle. Enter "+
	"another region or service above one of those in it")

// check refuses what cannot stand above a service.
func (p *placing) check(row placed) error {
	switch {
	case row.named == "":
		return nil
	case row.parent == row.id:
		return fault.OfField("parent", "Names the service itself. Enter the region or service above it")
	case strings.HasPrefix(row.parent, inFile) && !p.rows[p.rowOf[row.parent]].taken:
		return fault.OfField("parent", fmt.Sprintf("%s is in row %d, which is refused: mend that row first",
			fault.Quoted(row.named), p.rows[p.rowOf[row.parent]].Number))
	case p.isBelow(row.parent, row.id):
		return fault.OfField("parent", fault.Quoted(row.named)+" stands below this service, so it cannot stand above "+
			"it. Enter another region or service")
	}
	return nil
}

// take takes a row with what stands above its service.
func (p *placing) take(row *placed) error {
	row.taken = true
	if row.named != "" {
		p.parents[row.id] = row.parent
	}
	if parent := p.parents[row.id]; parent != "" {
		var one directory.Imported
		if err := json.Unmarshal([]byte(row.Record), &one); err != nil {
			return fmt.Errorf("row %d: %w", row.Number, err)
		}
		if key, is := strings.CutPrefix(parent, inFile); is {
			one.Parent = ""
			one.ParentKey = key
		} else {
			one.Parent = parent
		}
		var err error
		if row.Record, err = encoded(one); err != nil {
			return err
		}
	}
	p.taken = append(p.taken, row.Accepted)
	return nil
}
