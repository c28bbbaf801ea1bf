package administration

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

var (
	errGroup = fault.OfField("group", "Choose a group that this account can have")
	errWhere = fault.OfField("where", "Choose where this group can hold")
	errTwice = fault.OfField("where", "Choose another group or place. The account has this group there already")
)

// errLacks tells somebody which permission they would have to hold to give or take a group.
func errLacks(p account.Permission) error {
	return fault.SayCure(fault.Forbidden,
		"You cannot give or take this group there, because your own account does not let you "+p.Lets()+" there.",
		"Ask a DoS user administrator who looks after a wider area.")
}

// Give gives a group to an account in a scope, and tells its holder.
func (o Office) Give(ctx context.Context, by actor.Actor, id string, g account.Group, s account.Scope) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		a, err := over(ctx, w, id, "give a group")
		if err != nil {
			return err
		}
		if err := GivePart(ctx, w, a, g, s); err != nil {
			return refuse(ctx, w, id, "give a group", err)
		}
		where, err := directory.ScopeText(ctx, w, s, a)
		if err != nil {
			return err
		}
		return o.Post.Send(ctx, w, givenMail(a, by, g, where))
	})
}

// GivePart gives a group to an account, as a part of an Update whose caller has checked that its actor may change the
// account. It checks that the actor holds all that the group gives, at least as widely.
func GivePart(ctx context.Context, w *db.W, a account.Account, g account.Group, s account.Scope) error {
	if err := CouldGive(ctx, w, a, g, s); errors.Is(err, fault.Forbidden) {
		return fault.At("group", err)
	} else if err != nil {
		return err
	}
	err := account.AddGroup(ctx, w, a.ID, g, s)
	if errors.Is(err, account.ErrHasGroup) {
		return errTwice
	}
	return err
}

// CouldGive checks that an account can have a group in a scope, and that the actor holds all that it gives, at least as
// widely.
func CouldGive(ctx context.Context, w *db.W, a account.Account, g account.Group, s account.Scope) error {
	return GiverOf(ctx, w).CouldGive(ctx, w, a, g, s)
}

// Giver gives on what somebody may use a permission, or fault.Forbidden if they do not hold it.
type Giver func(p account.Permission) (account.Reach, error)

// GiverOf is the actor of an Update as a Giver.
func GiverOf(ctx context.Context, w *db.W) Giver {
	return func(p account.Permission) (account.Reach, error) { return account.ReachOf(ctx, w, p) }
}

// CouldGive is CouldGive of anybody.
func (by Giver) CouldGive(
	ctx context.Context, r db.R, a account.Account, g account.Group, s account.Scope,
) error {
	if err := fits(ctx, r, a, g, s); err != nil {
		return err
	}
	return by.holdsAll(ctx, r, a, g.Permissions(), s)
}

// fits checks that a group is for accounts of this kind, and can be given in a scope that is there.
func fits(ctx context.Context, r db.R, a account.Account, g account.Group, s account.Scope) error {
	if !g.For(a.Kind) || len(g.Permissions()) == 0 {
		return errGroup
	}
	if !slices.Contains(g.Scopes(), s.Kind) {
		return errWhere
	}
	there, err := directory.ScopeExists(ctx, r, s, a)
	if err == nil && !there {
		err = errWhere
	}
	return err
}

// holdsAll checks that somebody holds each permission wherever the scope of an account reaches.
func (by Giver) holdsAll(
	ctx context.Context, r db.R, a account.Account, permissions []account.Permission, s account.Scope,
) error {
	area := &directory.Area{Scope: s, Of: a}
	for _, p := range permissions {
		reach, err := by(p)
		if errors.Is(err, fault.Forbidden) {
			return errLacks(p)
		}
		if err != nil {
			return err
		}
		contained, err := Contains(ctx, r, reach, p, area)
		if err != nil {
			return err
		}
		if !contained {
			return errLacks(p)
		}
	}
	return nil
}

// Contains reports whether a permission reaches everything that it would reach in an area. People are
// reached by their home organisation wherever their region is, so whoever looks after a region alone gives no
// permission over all the people of an organisation.
func Contains(
	ctx context.Context, r db.R, reach account.Reach, p account.Permission, area *directory.Area,
) (bool, error) {
	regional := !reach.Everywhere && !slices.Contains(reach.Organisations, area.Of.Organisation)
	if area.Scope.Kind == account.KindOwnOrganisation && p.OverAccounts() && regional {
		return false, nil
	}
	return area.In(ctx, r, reach)
}

// Take takes a group in a scope away from an account, and tells its holder. People can give up groups of their own.
func (o Office) Take(ctx context.Context, by actor.Actor, id string, g account.Group, s account.Scope) error {
	return o.DB.Update(ctx, by, func(w *db.W) error { return o.take(ctx, w, id, g, s) })
}

var errNotInGroup = fault.Say(fault.NotFound, "The account does not have that group.")

// TakeEverywhere does what Take does in every scope in which an account has a group, and gives how many they were. It
// takes all or none.
func (o Office) TakeEverywhere(ctx context.Context, by actor.Actor, id string, g account.Group) (taken int, err error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (int, error) {
		grants, err := account.GrantsOf(ctx, w, id)
		if err != nil {
			return 0, err
		}
		taken := 0
		for _, m := range grants.Memberships() {
			if m.Group != g {
				continue
			}
			if err := o.take(ctx, w, id, g, m.Scope); err != nil {
				return 0, err
			}
			taken++
		}
		if taken == 0 {
			return 0, errNotInGroup
		}
		return taken, nil
	})
}

func (o Office) take(ctx context.Context, w *db.W, id string, g account.Group, s account.Scope) error {
	a, m, err := o.mayTake(ctx, w, id, g, s)
	if err != nil {
		return refuse(ctx, w, id, "take a group away", err)
	}
	if slices.Contains(m.Permissions, account.ManageUsers) && m.Scope == account.Everywhere {
		if err := LeavesAnother(ctx, w, a); err != nil {
			return refuse(ctx, w, id, "take a group away", err)
		}
	}
	if err := account.RemoveGroup(ctx, w, id, m); err != nil {
		return err
	}
	where, err := directory.ScopeText(ctx, w, m.Scope, a)
	if err != nil {
		return err
	}
	return o.Post.Send(ctx, w, takenMail(a, w.Actor(), m.Group, where))
}

// mayTake reads an account and a group of it, and checks that the actor may take it away: it is their own, or they
// could give it.
func (o Office) mayTake(ctx context.Context, w *db.W, id string, g account.Group, s account.Scope) (
	a account.Account, m account.Membership, err error) {
	own := w.Actor().Kind == actor.Person && w.Actor().ID == id
	if !own {
		if err := account.RequireOver(ctx, w, account.ManageUsers, id); err != nil {
			return a, m, err
		}
	}
	if a, err = account.ByID(ctx, w, id); err != nil {
		return a, m, err
	}
	grants, err := account.GrantsOf(ctx, w, id)
	if err != nil {
		return a, m, err
	}
	if m, err = grants.Membership(g, s); err != nil || own {
		return a, m, err
	}
	return a, m, GiverOf(ctx, w).holdsAll(ctx, w, a, m.Permissions, s)
}

// CouldGiveAll checks that the actor holds all that an account has, at least as widely: only then may they let somebody
// in by it.
func CouldGiveAll(ctx context.Context, w *db.W, a account.Account) error {
	return GiverOf(ctx, w).CouldGiveAll(ctx, w, a)
}

// CouldGiveAll is CouldGiveAll of anybody.
func (by Giver) CouldGiveAll(ctx context.Context, r db.R, a account.Account) error {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return err
	}
	for _, m := range grants.Memberships() {
		if err := by.holdsAll(ctx, r, a, m.Permissions, m.Scope); err != nil {
			return err
		}
	}
	return nil
}

// GivesAll reports whether somebody with grants could give all that another account has, to show them what they can do.
func GivesAll(ctx context.Context, r db.R, user account.Account, own account.Grants, a account.Account) (bool, error) {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return false, err
	}
	for _, g := range grants {
		area := &directory.Area{Scope: g.Scope, Of: a}
		gives, err := Contains(ctx, r, own.Reach(user.Organisation, g.Permission), g.Permission, area)
		if err != nil || !gives {
			return false, err
		}
	}
	return true, nil
}

// Choice is a group in a scope that an account could have.
type Choice struct {
	Group account.Group
	Scope account.Scope
	Lacks account.Permission // what the user would have to hold there to give it; empty if they can
}

// Choices lists what could be given to an account in any of the scopes, by somebody with grants and a home
// organisation.
func Choices(ctx context.Context, r db.R, user account.Account, grants account.Grants, a account.Account,
	scopes []account.Scope) (list []Choice, err error) {
	contained := map[account.Permission]map[account.Scope]bool{}
	areas := map[account.Scope]*directory.Area{}
	for _, s := range scopes {
		areas[s] = &directory.Area{Scope: s, Of: a}
	}
	for _, p := range account.All() {
		contained[p] = map[account.Scope]bool{}
		for s, area := range areas {
			contained[p][s], err = Contains(ctx, r, grants.Reach(user.Organisation, p), p, area)
			if err != nil {
				return nil, err
			}
		}
	}
	for _, g := range account.Groups() {
		for _, s := range scopes {
			if !g.For(a.Kind) || !slices.Contains(g.Scopes(), s.Kind) {
				continue
			}
			c := Choice{Group: g, Scope: s}
			for _, p := range slices.Backward(g.Permissions()) {
				if !contained[p][s] {
					c.Lacks = p
				}
			}
			list = append(list, c)
		}
	}
	return list, nil
}

func givenMail(a account.Account, by actor.Actor, g account.Group, where string) mail.Message {
	text := "The Directory of Services account " + a.Username + " was given the group \"" + g.Title() + "\", " + where +
		", by " + Named(by) + ". With it you can:\n\n"
	for _, p := range g.Permissions() {
		text += "* " + p.Lets() + "\n"
	}
	return mail.Message{
		Kind:    "account.group-given",
		To:      a.Email,
		Subject: "You can do more in the Directory of Services",
		Text:    text + "\n" + tellDesk,
	}
}

func takenMail(a account.Account, by actor.Actor, g account.Group, where string) mail.Message {
	return mail.Message{
		Kind:    "account.group-taken",
		To:      a.Email,
		Subject: "You can do less in the Directory of Services",
		Text: "The group \"" + g.Title() + "\", " + where + ", was taken away from the Directory of Services account " +
			a.Username + " by " + Named(by) + ". What it let you do, you can no longer do.\n\n" + tellDesk,
	}
}
