package positions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// What a position is held to.
const (
	maxName     = 100  // characters
	maxNotes    = 2000 // characters
	maxProfiles = 20
	maxCodes    = 200 // of one access profile, beside its role
	maxApproval = 500 // characters
)

// Typed is a position as somebody typed it.
type Typed struct {
	Name, Notes string
	// Profiles has an access profile a line: the code of its job role and then, in any order, those of its activities,
	// workgroups and areas of work.
	Profiles string
}

// Text writes access profiles as they are typed.
func Text(list []access.Profile) string {
	var lines []string
	for _, p := range list {
		line := append([]string{p.Job()}, p.Activities...)
		for _, c := range slices.Concat(p.Workgroups, p.AreasOfWork) {
			line = append(line, c.Code)
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return strings.Join(lines, "\n")
}

// Read reads a position of an organisation as it was typed. before is what it was; codes that it had may be retired
// meanwhile. What is wrong is said at each field.
func Read(ctx context.Context, r db.R, t Typed, before access.Position) (access.Position, error) {
	p := before
	p.Name = strings.Join(strings.Fields(t.Name), " ")
	p.Notes = strings.TrimSpace(t.Notes)
	switch {
	case p.Name == "" || utf8.RuneCountInString(p.Name) > maxName:
		return p, fault.OfField("name",
			fmt.Sprintf("Enter the name of the position, in %d characters or fewer", maxName))
	case utf8.RuneCountInString(p.Notes) > maxNotes:
		return p, fault.OfField("notes", fmt.Sprintf("The notes must be %d characters or fewer", maxNotes))
	}
	var err error
	if p.Profiles, err = split(t.Profiles); err != nil {
		return p, err
	}
	return p, check(ctx, r, p, before)
}

// split reads the lines of access profiles. It is pure.
func split(text string) (list []access.Profile, err error) {
	for _, line := range strings.Split(strings.ToUpper(text), "\n") {
		codes := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r,;+", c) })
		if len(codes) == 0 {
			continue
		}
		p, err := profileIn(codes)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	if len(list) == 0 || len(list) > maxProfiles {
		return nil, problem("Enter an access profile, such as R8008 B0166, and no more than %d", maxProfiles)
	}
	return list, nil
}

func problem(format string, about ...any) error {
	return fault.OfField("profiles", fmt.Sprintf(format, about...))
}

// profileIn reads the codes of one line.
func profileIn(codes []string) (p access.Profile, err error) {
	role, err := rbac.ParseRole(codes[0])
	if err != nil {
		return p, problem("Each line begins with the code of a job role, such as R8008. This one is none: %s",
			fault.Quoted(codes[0]))
	}
	if len(codes) > maxCodes {
		return p, problem("An access profile has %d codes at most", maxCodes)
	}
	p.RoleCode = role.Job
	for _, code := range codes[1:] {
		activity, err := rbac.ParseActivity(code)
		area, notArea := access.ParseArea(code)
		switch {
		case err == nil && !slices.Contains(p.Activities, activity):
			p.Activities = append(p.Activities, activity)
		case err == nil:
		case notArea == nil:
			p.AreasOfWork = append(p.AreasOfWork, area)
		case identity.IsNumber(identity.ReadNumber(code)):
			p.Workgroups = append(p.Workgroups, access.Coded{Code: code})
		default:
			return p, problem("This is no code of an activity (B0166), a workgroup (12 digits) or an area of work "+
				"(P0010:Q0050:T0210): %s", fault.Quoted(code))
		}
	}
	return p, nil
}

// check refuses codes that are not known, or retired unless the position had them, and names what is known.
func check(ctx context.Context, r db.R, p, before access.Position) error {
	var jobs, codes []string
	for _, f := range p.Profiles {
		jobs = append(jobs, f.RoleCode)
		codes = append(codes, f.Activities...)
	}
	roles, err := reference.RolesBy(ctx, r, jobs)
	if err != nil {
		return err
	}
	activities, err := reference.ActivitiesBy(ctx, r, codes)
	if err != nil {
		return err
	}
	groups, err := access.WorkgroupsAt(ctx, r, p.Organisation)
	if err != nil {
		return err
	}
	rules, err := officer.Rules(ctx, r)
	if err != nil {
		return err
	}
	// Codes of ours for jobs whose own are not public stand in no list; retired ones may stay where they are.
	had := Text(before.Profiles) + " " + rules.AdvancedAgent + " " + rules.CardUnlocker
	for i := range p.Profiles {
		f := &p.Profiles[i]
		role, known := roles[f.RoleCode]
		if (!known || role.Retired) && !strings.Contains(had, f.RoleCode) {
			return problem("No job role that can be given has the code %s", f.RoleCode)
		}
		if known {
			f.RoleCode = role.Code.String()
		}
		for _, code := range f.Activities {
			if a, known := activities[code]; (!known || a.Retired) && !strings.Contains(had, code) {
				return problem("No activity that can be given has the code %s", code)
			}
		}
		if err := nameWorkgroups(f, groups, p.Organisation); err != nil {
			return err
		}
		nameAreas(f, before)
	}
	return nil
}

func nameWorkgroups(f *access.Profile, groups []access.Workgroup, organisation string) error {
	for i, c := range f.Workgroups {
		at := slices.IndexFunc(groups, func(g access.Workgroup) bool { return g.Code == c.Code })
		if at < 0 {
			return problem("No open workgroup of %s has the code %s", organisation, c.Code)
		}
		f.Workgroups[i].Name = groups[at].Name
	}
	return nil
}

// nameAreas keeps the names that areas of work had.
func nameAreas(f *access.Profile, before access.Position) {
	for i, c := range f.AreasOfWork {
		for _, old := range before.Profiles {
			for _, named := range old.AreasOfWork {
				if named.Code == c.Code {
					f.AreasOfWork[i].Name = named.Name
				}
			}
		}
	}
}

// approvalIn reads how something was approved.
func approvalIn(a access.Approval) (access.Approval, error) {
	a.How = strings.TrimSpace(a.How)
	a.Participants = strings.TrimSpace(a.Participants)
	switch {
	case a.How == "" || utf8.RuneCountInString(a.How) > maxApproval:
		return a, fault.OfField("how", fmt.Sprintf("Enter how it was approved, in %d characters or fewer", maxApproval))
	case a.Participants == "" || utf8.RuneCountInString(a.Participants) > maxApproval:
		return a, fault.OfField("participants",
			fmt.Sprintf("Enter who took part, in %d characters or fewer", maxApproval))
	}
	return a, nil
}
