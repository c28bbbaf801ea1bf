package request

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// accountOf makes the account that was asked for, or gives the one that a former approval made, to somebody who could
// give all that it has.
func (q *Requests) accountOf(ctx context.Context, w *db.W, asked Request, approval Approval) (account.Account, error) {
	if asked.AccountID == "" {
		return q.makeAccount(ctx, w, asked, approval)
	}
	if approval.Group != "" {
		return account.Account{}, refuse(ctx, w, asked.ID, errChosen)
	}
	a, err := account.ByID(ctx, w, asked.AccountID)
	if err != nil {
		return a, err
	}
	err = administration.CouldGiveAll(ctx, w, a)
	if errors.Is(err, fault.Forbidden) {
		err = refuse(ctx, w, asked.ID, err)
	}
	return a, err
}

// makeAccount makes the account that was asked for, and gives it the group.
func (*Requests) makeAccount(ctx context.Context, w *db.W, asked Request, approval Approval) (account.Account, error) {
	taken, err := account.ByEmail(ctx, w, asked.EmailKey)
	if err == nil {
		return taken, refuse(ctx, w, asked.ID, errAddressTaken(taken.Username))
	}
	if !errors.Is(err, fault.NotFound) {
		return taken, err
	}
	username, err := usernameFor(ctx, w, asked.Typed)
	if err != nil {
		return account.Account{}, err
	}
	a, err := account.Add(ctx, w, account.New{
		Username: username, FirstName: asked.FirstName, LastName: asked.LastName, Email: asked.Email,
		Organisation: asked.Organisation, Region: asked.Region, EmailProved: true,
		Details: account.Details{
			Phone: asked.Phone, AccessReason: asked.Reason, ApprovedBy: w.Actor().ID, Approved: w.Now(),
		},
	})
	if err != nil {
		return a, err
	}
	if err := wave.JoinWithoutPassword(ctx, w, a.ID); err != nil {
		return a, err
	}
	if len(approval.Group.Permissions()) == 0 {
		return a, nil
	}
	err = administration.GivePart(ctx, w, a, approval.Group, approval.Scope)
	if errors.Is(err, fault.Forbidden) {
		err = refuse(ctx, w, asked.ID, err)
	}
	return a, err
}

// Made gives the account that a former approval of a request made, with the groups that it has; an empty one if none
// did.
func Made(ctx context.Context, r db.R, id string) (a account.Account, groups []account.Membership, err error) {
	asked, err := ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return a, nil, errNoRequest
	}
	if err != nil || asked.AccountID == "" {
		return a, nil, err
	}
	if a, err = account.ByID(ctx, r, asked.AccountID); err != nil {
		return a, nil, err
	}
	grants, err := account.GrantsOf(ctx, r, a.ID)
	return a, grants.Memberships(), err
}

// mayEndAccount checks that the actor may deactivate the account that a former approval made.
func mayEndAccount(ctx context.Context, w *db.W, asked Request) error {
	if asked.AccountID == "" {
		return nil
	}
	err := account.RequireOver(ctx, w, account.ManageUsers, asked.AccountID)
	if errors.Is(err, fault.Forbidden) {
		err = refuse(ctx, w, asked.ID, err)
	}
	return err
}

// endAccount deactivates the account that a former approval of a request made, with its sessions, unless somebody did
// so already or nobody else could manage users everywhere.
func endAccount(ctx context.Context, w *db.W, asked Request, reason string) error {
	if asked.AccountID == "" {
		return nil
	}
	a, err := account.ByID(ctx, w, asked.AccountID)
	if err != nil || !a.Active {
		return err
	}
	err = administration.LeavesAnother(ctx, w, a)
	if errors.Is(err, fault.Conflict) {
		return refuse(ctx, w, asked.ID, err)
	}
	if err != nil {
		return err
	}
	if err := account.Deactivate(ctx, w, a.ID, reason); err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID, signin.EndedByAdministrator); err != nil {
		return fmt.Errorf("end sessions of a request's account: %w", err)
	}
	return nil
}

// usernameFor gives a username that nobody has, made of somebody's name, or of their address if that has no plain
// letters.
func usernameFor(ctx context.Context, r db.R, t Typed) (string, error) {
	base := usernameOf(t)
	for n := 1; ; n++ {
		username := base
		if n > 1 {
			username += strconv.Itoa(n)
		}
		_, err := account.ByUsername(ctx, r, username)
		if errors.Is(err, fault.NotFound) {
			return username, nil
		}
		if err != nil {
			return "", err
		}
	}
}

func usernameOf(t Typed) string {
	parts := []string{plain(t.FirstName), plain(t.LastName)}
	if parts[0] == "" || parts[1] == "" {
		local, _, _ := strings.Cut(t.Email, "@")
		parts = []string{plain(local)}
	}
	if username := strings.Join(parts, "."); username != "" {
		return username
	}
	return "user"
}

// plain leaves the letters of a name that everybody can type.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 'a' || c > 'z' {
			return -1
		}
		return c
	}, searchname.Fold(name, -1))
}
