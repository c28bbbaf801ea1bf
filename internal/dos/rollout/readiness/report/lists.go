package report

import (
	"strings"
	"time"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/path"
)

// writer writes the files of one report.
type writer struct {
	folder
	result *readiness.Result
	days   *days
}

var peopleHeading = []string{"username", "email", "first_name", "last_name", "kind", "organisation", "region", "state",
	"match", "care_identity", "care_identity_email", "registration_authority", "waiting_for", "next_step", "steps",
	"ready_by"}

// The headings of the lists that not every report has.
var (
	authorityHeading = []string{"first_name", "last_name", "email", "care_identity", "organisation", "username",
		"to_do", "words"}
	organisationHeading = []string{"username", "first_name", "last_name", "email", "state", "waiting_for", "next_step",
		"ready_by"}
	changesHeading = []string{"username", "organisation", "before", "now", "steps_before", "steps_now"}
	refusedHeading = []string{"list", "row", "reason"}
)

// people writes everybody, one a row, in the order of the list of accounts.
func (w *writer) people() error {
	return w.table("people.csv", peopleHeading, func(row func(...string) error) error {
		for _, p := range w.result.People {
			if err := row(w.personCells(p)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) personCells(p readiness.Person) []string {
	var uuids, addresses []string
	for _, one := range w.result.Found(p) {
		uuids = append(uuids, one.UUID)
		addresses = append(addresses, one.Email)
	}
	cells := []string{p.Username, p.Email, p.FirstName, p.LastName, string(p.Kind), p.Organisation, p.Region}
	if p.Exempt() {
		return append(cells, "exempt", "", "", "", "", "", "", "", "")
	}
	next := ""
	if step, is := p.Next(); is {
		next = step.Task
	}
	return append(cells, string(p.Plan.State), string(p.Class), strings.Join(uuids, " "), strings.Join(addresses, " "),
		w.result.Authority(p), p.Plan.Owner.Title(), next, stepsOf(p.Plan), w.readyBy(p))
}

// stepsOf names the steps of a plan, each by what it is stored under.
func stepsOf(plan *planning.Plan) string {
	names := make([]string, 0, len(plan.Steps))
	for _, s := range plan.Steps {
		names = append(names, string(s.What))
	}
	return strings.Join(names, " ")
}

func (w *writer) readyBy(p readiness.Person) string {
	if !p.Plan.Dated() {
		return ""
	}
	return w.days.after(p.Plan.Days).Format(time.DateOnly)
}

// workLists writes a list for each registration authority, of what it has to do for whom, and one for each
// organisation, of its people who are not ready.
func (w *writer) workLists() error {
	authorities := map[string][]readiness.Person{}
	organisations := map[string][]readiness.Person{}
	for _, p := range w.result.People {
		if p.Exempt() || p.Plan.State == planning.Moved || p.Plan.State == planning.Ready {
			continue
		}
		organisations[p.Organisation] = append(organisations[p.Organisation], p)
		if len(tasksOf(p.Plan, path.RegistrationAuthority)) > 0 {
			authority := w.result.Authority(p)
			authorities[authority] = append(authorities[authority], p)
		}
	}
	if err := w.eachList(authorityLists, authorities, w.authorityList); err != nil {
		return err
	}
	return w.eachList(organisationLists, organisations, w.organisationList)
}

func (w *writer) eachList(kind string, lists map[string][]readiness.Person,
	write func(name string, people []readiness.Person) error) error {
	taken := map[string]bool{}
	for _, code := range sortedKeys(lists) {
		name := fileName(code)
		for taken[strings.ToLower(name)] { // two codes that differ in what no file's name can have
			name += "-2"
		}
		taken[strings.ToLower(name)] = true
		if err := write(kind+"/"+name+".csv", lists[code]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) authorityList(name string, people []readiness.Person) error {
	return w.table(name, authorityHeading, func(row func(...string) error) error {
		for _, p := range people {
			uuid := ""
			if found := w.result.Found(p); len(found) == 1 {
				uuid = found[0].UUID
			}
			var say []string
			for _, s := range p.Plan.Steps {
				if s.Owner == path.RegistrationAuthority && s.Say != "" {
					say = append(say, s.Say)
				}
			}
			if err := row(p.FirstName, p.LastName, p.Email, uuid, p.Organisation, p.Username,
				strings.Join(tasksOf(p.Plan, path.RegistrationAuthority), "; "), strings.Join(say, " ")); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) organisationList(name string, people []readiness.Person) error {
	return w.table(name, organisationHeading, func(row func(...string) error) error {
		for _, p := range people {
			next, _ := p.Next()
			if err := row(p.Username, p.FirstName, p.LastName, p.Email, p.Plan.State.Title(), p.Plan.Owner.Title(),
				next.Task, w.readyBy(p)); err != nil {
				return err
			}
		}
		return nil
	})
}

// tasksOf lists what an owner has to do in a plan.
func tasksOf(plan *planning.Plan, owner path.Owner) (tasks []string) {
	for _, s := range plan.Steps {
		if s.Owner == owner {
			tasks = append(tasks, s.Task)
		}
	}
	return tasks
}

// mailMerge writes a row for each account that is not linked: to whom to write, and the words of their next step.
func (w *writer) mailMerge() error {
	heading := []string{"email", "first_name", "last_name", "username", "organisation", "step", "of", "title", "detail",
		"words_to_use", "by_when", "how_long", "after_that"}
	return w.table("mail-merge.csv", heading, func(row func(...string) error) error {
		for _, p := range w.result.People {
			if p.Exempt() || p.Plan.State == planning.Moved || p.Email == "" {
				continue
			}
			if err := row(mailCells(p, w.result.Steps(p))...); err != nil {
				return err
			}
		}
		return nil
	})
}

func mailCells(p readiness.Person, steps []path.Step) []string {
	cells := []string{p.Email, p.FirstName, p.LastName, p.Username, p.Organisation}
	for i, s := range steps {
		if !s.Ready() {
			continue
		}
		var after []string
		for j, other := range steps {
			if j != i {
				after = append(after, other.Title)
			}
		}
		return append(cells, itoa(i+1), itoa(len(steps)), s.Title, strings.Join(s.Detail, " "), s.Say, s.By.Message,
			s.Takes, strings.Join(after, "; "))
	}
	return append(cells, "", "", "", "", "", "", "", "")
}
