package staffrecord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// does are what the messages of each kind do, as a part of the Update that takes them.
var does = map[Kind]func(ctx context.Context, w *db.W, k Kept) (Outcome, error){
	SearchPerson:   search,
	CreatePerson:   create,
	Associate:      associate,
	ModifyPerson:   modify,
	LinkPosition:   linkPosition,
	AssignPosition: assignPosition,
	EndAssignment:  endAssignment,
}

// do does what a message asks for. What the rules of what it changes refuse, which they do before they change anything,
// is a failure of that message alone: those behind it go on.
func do(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	one, known := does[k.Kind]
	if !known {
		return Outcome{}, fmt.Errorf("message %s is of unknown kind %q", k.ID, k.Kind)
	}
	o, err := one(ctx, w, k)
	if f, is := fault.From(err); is && slices.Contains(refusals, f.Code) {
		return failed(o.UUID, strings.TrimSpace(strings.TrimSuffix(f.Message, ".")+". "+f.Cure)), nil
	}
	return o, err
}

var refusals = []fault.Code{fault.Invalid, fault.Conflict, fault.Forbidden}

func search(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	class, found, err := compare(ctx, w, k)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{State: Done, Class: class, Others: found, Text: class.Text()}
	if class == Matched {
		o = Outcome{State: Done, Class: class, UUID: found[0], Text: class.Text()}
	}
	return o, nil
}

// associate notes that a person of the staff record is the holder of a care identity, where a comparison says so.
func associate(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	class, found, err := compare(ctx, w, k)
	if err != nil {
		return Outcome{}, err
	}
	if class != Matched {
		return Outcome{State: Failed, Class: class, Others: found, Text: class.Text()}, nil
	}
	o := Outcome{State: Done, Class: class, UUID: k.UUID, Text: "The person is associated with the Care Identity."}
	return o, link(ctx, w, k.Organisation, k.Employee, k.UUID)
}

// link associates a person of a staff record with a care identity. Done again it does nothing.
func link(ctx context.Context, w *db.W, organisation, employee, uuid string) error {
	before, err := personOf(ctx, w, organisation, employee)
	if err != nil || before == uuid {
		return err
	}
	_, err = w.Exec(ctx, `INSERT INTO staff_person (organisation, employee, uuid, since) VALUES ($1, $2, $3, $4)`,
		organisation, employee, uuid, w.Now())
	if err != nil {
		return fmt.Errorf("associate: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventLinked, Subject: identity.Ref(uuid),
		After: map[string]string{"organisation": organisation, "employee": employee}})
}

// linkPosition asks a registration authority to link a position of the staff record to one of the organisation.
func linkPosition(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	p, err := access.PositionByID(ctx, w, k.Position)
	switch {
	case errors.Is(err, fault.NotFound) || err == nil && p.Organisation != k.Organisation:
		return failed("", "The organisation has no position with the id "+k.Position+
			". The list of its positions says what there is."), nil
	case err != nil:
		return Outcome{}, err
	case p.Over(w.Now()):
		return failed("", p.Name+" is closed. Link another position."), nil
	}
	made, err := jobsText(ctx, w, p)
	if err != nil || made != "" {
		return failed("", made), err
	}
	if err := forget(ctx, w, k); err != nil {
		return Outcome{}, err
	}
	l, err := linked(ctx, w, k.Organisation, k.StaffPosition)
	if err != nil {
		return Outcome{}, err
	}
	if l.Position == k.Position {
		return done("", "The position is linked to "+p.Name+" already."), nil
	}
	o := Outcome{State: Asked, Text: "A registration authority manager decides whether the position is linked to " +
		p.Name + "."}
	return o, ask(ctx, w, k)
}

// assignPosition gives the person of an assignment the position that is linked to that of the staff record, or other
// dates, or another position in the place of the one that they had.
func assignPosition(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	uuid, position, wait, err := wanted(ctx, w, k)
	if err != nil || wait.State != "" {
		return wait, err
	}
	before, err := assignedBy(ctx, w, k.Organisation, k.Assignment)
	if err != nil {
		return Outcome{}, err
	}
	if before.id != "" && before.employee != k.Employee {
		return failed(uuid, "The assignment is of another person of the staff record. Correct its number."), nil
	}
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return Outcome{}, err
	}
	if before.id != "" && before.staffPosition == k.StaffPosition {
		return redate(ctx, w, k, uuid, heldAs(held, before.id))
	}
	if before.id != "" {
		if err := leave(ctx, w, k, uuid, heldAs(held, before.id)); err != nil {
			return Outcome{}, err
		}
	}
	return give(ctx, w, k, uuid, position, held)
}

// wanted gives who gets which position by a message, or what it still waits for.
func wanted(ctx context.Context, w *db.W, k Kept) (uuid string, p access.Position, wait Outcome, err error) {
	if uuid, err = personOf(ctx, w, k.Organisation, k.Employee); err != nil {
		return "", p, wait, err
	}
	if uuid == "" {
		wait, err := unassociated(ctx, w, k)
		return "", p, wait, err
	}
	l, err := linked(ctx, w, k.Organisation, k.StaffPosition)
	if err != nil {
		return uuid, p, wait, err
	}
	if l.Position == "" {
		return uuid, p, waiting(uuid, "The position of the staff record is not linked to one of the organisation "+
			"yet: send LinkPosition, and have a registration authority manager agree to it. This is then done by "+
			"itself."), nil
	}
	i, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return uuid, p, wait, err
	}
	if i.Status != identity.Active {
		return uuid, p, waiting(uuid, "The Care Identity is not active. Have the registration authority make it "+
			"usable again, then try again."), nil
	}
	if p, err = access.PositionByID(ctx, w, l.Position); err != nil {
		return uuid, p, wait, err
	}
	if p.Over(w.Now()) {
		return uuid, p, waiting(uuid, p.Name+" is closed. Link the position of the staff record to another one."), nil
	}
	if !k.Ends.IsZero() && !w.Now().Before(k.Ends) {
		return uuid, p, failed(uuid, "The assignment is over. Correct its last day, or drop the message."), nil
	}
	made, err := jobsText(ctx, w, p)
	if err != nil || made != "" {
		return uuid, p, failed(uuid, made), err
	}
	return uuid, p, wait, nil
}

// unassociated says what a message about somebody waits for whose Care Identity is not known.
func unassociated(ctx context.Context, r db.R, k Kept) (Outcome, error) {
	number, err := personToBe(ctx, r, k.Organisation, k.Employee)
	if err != nil || number != "" {
		return waiting("", "The registration authority has still to decide whether this person's Care Identity is "+
			"made. This is then done by itself."), err
	}
	return waiting("", "The person is not associated with a Care Identity yet: send CreatePerson or Associate. This "+
		"is then done by itself."), nil
}

func heldAs(held []access.Assignment, id string) access.Assignment {
	at := slices.IndexFunc(held, func(a access.Assignment) bool { return a.ID == id })
	if at < 0 {
		return access.Assignment{}
	}
	return held[at]
}

// redate gives a position that an assignment gave other dates.
func redate(ctx context.Context, w *db.W, k Kept, uuid string, a access.Assignment) (Outcome, error) {
	if a.ID == "" || a.Over(w.Now()) {
		return failed(uuid, "The position that this assignment gave has ended here. Send it as a new assignment, with "+
			"another number, if the person is to have it again."), nil
	}
	starts := k.Starts
	if starts.IsZero() {
		starts = a.Starts
	}
	if err := access.SetDates(ctx, w, uuid, a.ID, starts, k.Ends); err != nil {
		return Outcome{}, err
	}
	return done(uuid, "The person has "+a.Position.Name+" with these dates."), nil
}

// leave ends the position that an assignment gave before it was moved to another, when that begins.
func leave(ctx context.Context, w *db.W, k Kept, uuid string, a access.Assignment) error {
	switch {
	case a.ID == "" || a.Over(w.Now()):
		return nil
	case k.Starts.After(w.Now()):
		return access.SetDates(ctx, w, uuid, a.ID, a.Starts, k.Starts)
	}
	return access.End(ctx, w, uuid, a.ID, "the staff record moved assignment "+k.Assignment)
}

// give gives a position, or takes over one that the person has by hand.
func give(
	ctx context.Context, w *db.W, k Kept, uuid string, p access.Position, held []access.Assignment,
) (Outcome, error) {
	own, err := byHand(ctx, w, p, held)
	if err != nil {
		return Outcome{}, err
	}
	note := assigned{number: k.Assignment, employee: k.Employee, uuid: uuid, staffPosition: k.StaffPosition, id: own.ID}
	if own.ID != "" {
		if err := access.SetDates(ctx, w, uuid, own.ID, own.Starts, k.Ends); err != nil {
			return Outcome{}, err
		}
		return done(uuid, "The person had "+p.Name+" already: the staff record is in charge of it now."),
			putAssigned(ctx, w, k.Organisation, note)
	}
	starts := k.Starts
	if starts.Before(w.Now()) {
		starts = w.Now()
	}
	err = access.Assign(ctx, w, access.Grant{UUID: uuid, Position: p.ID, Organisation: p.Organisation, Starts: starts,
		Ends: k.Ends, Notes: "Staff record, assignment " + k.Assignment, Number: identity.Number})
	if err != nil {
		return Outcome{}, err
	}
	now, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return Outcome{}, err
	}
	at := slices.IndexFunc(now, func(a access.Assignment) bool { return heldAs(held, a.ID).ID == "" })
	if at < 0 {
		return Outcome{}, fmt.Errorf("position %s given to %s is not there", p.ID, uuid)
	}
	note.id = now[at].ID
	return done(uuid, "The person has "+p.Name+"."), putAssigned(ctx, w, k.Organisation, note)
}

// byHand gives the assignment by which somebody has a position that no staff record gave; none if there is none.
func byHand(
	ctx context.Context, r db.R, p access.Position, held []access.Assignment,
) (none access.Assignment, err error) {
	for _, a := range held {
		if a.Position.ID != p.ID || a.Over(r.Now()) {
			continue
		}
		taken, err := InCharge(ctx, r, a.ID)
		if err != nil {
			return none, err
		}
		if !taken {
			return a, nil
		}
	}
	return none, nil
}

// endAssignment ends the position that an assignment gave, after its last day.
func endAssignment(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	before, err := assignedBy(ctx, w, k.Organisation, k.Assignment)
	if err != nil {
		return Outcome{}, err
	}
	if before.id == "" {
		return endUngiven(ctx, w, k)
	}
	uuid := before.uuid
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return Outcome{}, err
	}
	a := heldAs(held, before.id)
	name := strings.TrimSpace(a.Position.Name)
	switch {
	case a.ID == "" || a.Over(w.Now()):
		return done(uuid, "The position had ended already."), nil
	case k.Ends.After(w.Now()) && a.Starts.Before(k.Ends):
		return done(uuid, "The person has "+name+" until the end of the last day."),
			access.SetDates(ctx, w, uuid, a.ID, a.Starts, k.Ends)
	}
	return done(uuid, "The person has "+name+" no longer."),
		access.End(ctx, w, uuid, a.ID, "the staff record ended assignment "+k.Assignment)
}

// endUngiven ends an assignment that has given nothing yet: what waits to be given is dropped, or given until then.
func endUngiven(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	list, err := waitingFor(ctx, w, k.Organisation, byAssignment, k.Assignment)
	if err != nil {
		return Outcome{}, err
	}
	if len(list) == 0 {
		return failed("", "No assignment with this number has given anything here. Correct the number, or drop the "+
			"message."), nil
	}
	if k.Ends.After(w.Now()) {
		return waiting("", "The assignment itself waits to be given. This is then done by itself."), nil
	}
	for _, e := range list {
		o := Outcome{State: Dropped, UUID: e.Outcome.UUID, Text: "The assignment ended before it gave anything."}
		if err := settle(ctx, w, e, o); err != nil {
			return Outcome{}, err
		}
	}
	return done("", "The assignment, which waited, gives nothing any more."), nil
}
