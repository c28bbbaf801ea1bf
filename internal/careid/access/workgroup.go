package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The kinds of events about workgroups.
const (
	eventWorkgroupAdded  audit.Kind = "workgroup.added"
	eventWorkgroupClosed audit.Kind = "workgroup.closed"
	eventWorkgroupJoined audit.Kind = "workgroup.joined"
)

// Workgroup is a part of an organisation whose members services may tell apart. Those of an organisation are a tree,
// whose root is named after it.
type Workgroup struct {
	Code         string // of the number space that care identities share
	Organisation string
	Name         string
	Parent       string // its code; empty for the root
	Closed       time.Time
}

// Membership is a workgroup that was given to a person directly, for one of their role profiles.
type Membership struct {
	Coded

	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends,omitzero"` // zero for never
}

func (m Membership) inForce(now time.Time) bool {
	return !now.Before(m.Starts) && (m.Ends.IsZero() || now.Before(m.Ends))
}

// workgroups are those of the access profile and those in force that were given to the person, each once.
func (r Role) workgroups(now time.Time) []Coded {
	list := r.Profile.Workgroups
	for _, m := range r.Direct {
		has := slices.ContainsFunc(list, func(c Coded) bool { return c.Code == m.Code })
		if m.inForce(now) && !has {
			list = append(slices.Clip(list), m.Coded)
		}
	}
	return list
}

const (
	selectWorkgroups = `SELECT code, organisation, name, parent, closed_at FROM workgroup`
	insertWorkgroup  = `INSERT INTO workgroup (code, organisation, name, parent) VALUES ($1, $2, $3, $4)`
)

func scanWorkgroup(scan db.Scanner) (g Workgroup, err error) {
	err = scan(&g.Code, &g.Organisation, &g.Name, &g.Parent, db.At(&g.Closed))
	return g, err
}

// WorkgroupsAt lists the open workgroups of an organisation: each below the one that it is a part of, by name.
func WorkgroupsAt(ctx context.Context, r db.R, organisation string) ([]Workgroup, error) {
	const of = ` WHERE organisation = $1 AND closed_at IS NULL ORDER BY name, code`
	rows, err := db.All(ctx, r, scanWorkgroup, selectWorkgroups+of, organisation)
	if err != nil {
		return nil, fmt.Errorf("list workgroups of %s: %w", organisation, err)
	}
	var list []Workgroup
	var below func(parent string)
	below = func(parent string) {
		for _, g := range rows {
			if g.Parent == parent {
				list = append(list, g)
				below(g.Code)
			}
		}
	}
	below("")
	return list, nil
}

var (
	errGroupParent = fault.OfField("parent", "Select the workgroup that it is a part of")
	errGroupName   = fault.OfField("name", "Enter a name that no other open workgroup of the organisation has")
	errGroupParts  = fault.SayCure(fault.Conflict, "This workgroup has parts that are open.", "Close these first.")
	errGroupInUse  = fault.SayCure(fault.Conflict, "A position that is open gives this workgroup.",
		"Take it out of the position first.")
)

// AddWorkgroup makes a workgroup of an organisation, as a part of an Update, and gives its code. The first one is the
// root, and all others are parts of one that is there.
func AddWorkgroup(ctx context.Context, w *db.W, g Workgroup, number Number) (code string, err error) {
	list, err := WorkgroupsAt(ctx, w, g.Organisation)
	if err != nil {
		return "", err
	}
	isParent := func(one Workgroup) bool { return one.Code == g.Parent }
	if g.Parent != "" || len(list) > 0 {
		if !slices.ContainsFunc(list, isParent) {
			return "", errGroupParent
		}
	}
	if slices.ContainsFunc(list, func(one Workgroup) bool { return strings.EqualFold(one.Name, g.Name) }) {
		return "", errGroupName
	}
	if g.Code, err = number(ctx, w); err != nil {
		return "", err
	}
	if _, err := w.Exec(ctx, insertWorkgroup, g.Code, g.Organisation, g.Name, g.Parent); err != nil {
		return "", fmt.Errorf("add workgroup: %w", err)
	}
	return g.Code, w.Record(ctx, audit.Event{Kind: eventWorkgroupAdded,
		Subject: audit.Ref{Kind: "workgroup", ID: g.Code}, After: g})
}

const (
	countInUse = `SELECT COUNT(*) FROM position p JOIN position_profile f ON f.position_id = p.id
	AND f.removed_at IS NULL WHERE p.organisation = $1 AND p.closed_at IS NULL AND f.workgroups LIKE $2`
	closeWorkgroup = `UPDATE workgroup SET closed_at = $2 WHERE code = $1 AND closed_at IS NULL`
)

// CloseWorkgroup closes a workgroup that has no open parts, and that no open position gives, as a part of an Update.
func CloseWorkgroup(ctx context.Context, w *db.W, organisation, code, reason string) error {
	list, err := WorkgroupsAt(ctx, w, organisation)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(one Workgroup) bool { return one.Parent == code }) {
		return errGroupParts
	}
	n, err := db.Value[int64](ctx, w, countInUse, organisation, `%"code":"`+code+`"%`)
	if err != nil {
		return fmt.Errorf("look who gives a workgroup: %w", err)
	}
	if n > 0 {
		return errGroupInUse
	}
	if err := w.Change(ctx, closeWorkgroup, code, w.Now()); err != nil {
		return fmt.Errorf("close workgroup: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventWorkgroupClosed, Subject: audit.Ref{Kind: "workgroup", ID: code},
		Reason: reason})
}

const updateDirect = `UPDATE assignment_role SET workgroups = $2 WHERE role_id = $1`

// JoinWorkgroup gives somebody a workgroup of the organisation directly, for one of their role profiles there, or
// changes its dates, as a part of an Update. An end that has come takes it away.
func JoinWorkgroup(ctx context.Context, w *db.W, uuid, roleID string, m Membership) error {
	if !m.Ends.IsZero() && !m.Starts.Before(m.Ends) {
		return errEnds
	}
	held, err := OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	role, organisation, err := roleIn(held, roleID, w.Now())
	if err != nil {
		return err
	}
	groups, err := WorkgroupsAt(ctx, w, organisation)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(groups, func(g Workgroup) bool { return g.Code == m.Code })
	if at < 0 {
		return fault.OfField("workgroup", "Select a workgroup of the organisation")
	}
	m.Name = groups[at].Name
	list := slices.DeleteFunc(slices.Clone(role.Direct), func(one Membership) bool {
		return one.Code == m.Code || !one.Ends.IsZero() && !w.Now().Before(one.Ends)
	})
	list = append(list, m)
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write workgroups: %w", err)
	}
	if err := w.Change(ctx, updateDirect, roleID, string(text)); err != nil {
		return fmt.Errorf("join workgroup: %w", err)
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventWorkgroupJoined, Subject: audit.Ref{Kind: "identity", ID: uuid},
		After: map[string]any{"role": roleID, "workgroup": m.Code, "starts": m.Starts, "ends": m.Ends}})
}

// roleIn finds a role profile that is not over, and the organisation where it is held.
func roleIn(held []Assignment, roleID string, now time.Time) (Role, string, error) {
	for _, a := range held {
		for _, r := range a.Roles {
			if r.ID == roleID && !a.Over(now) && r.Profile.Removed.IsZero() {
				return r, a.Position.Organisation, nil
			}
		}
	}
	return Role{}, "", errOver
}

var areaOfWork = regexp.MustCompile(`^P[0-9]{4}:Q[0-9]{4}:T[0-9]{4}$`)

// ErrArea says that something is no code of an area of work.
var ErrArea = errors.New("not in the form P0010:Q0050:T0210")

// ParseArea reads an area of work, as its code and, behind a space, its name.
func ParseArea(text string) (Coded, error) {
	code, name, _ := strings.Cut(strings.TrimSpace(text), " ")
	c := Coded{Code: strings.ToUpper(code), Name: strings.Join(strings.Fields(name), " ")}
	if !areaOfWork.MatchString(c.Code) {
		return c, fmt.Errorf("area of work %q: %w", code, ErrArea)
	}
	if c.Name == "" {
		c.Name = c.Code
	}
	return c, nil
}
