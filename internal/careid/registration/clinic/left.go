package clinic

import (
	"context"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/equipment"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
)

// Left is what a person still needs.
type Left struct {
	Status        identity.Status
	Verify        bool // nobody has seen their documents
	Authenticator bool // none of theirs is active
	Requests      []request.Request
}

// Texts says what is left, one thing each; nothing where nothing is.
func (l Left) Texts() (list []string) {
	if l.Status != identity.Active {
		list = append(list, "Make the Care Identity active")
	}
	if l.Verify {
		list = append(list, "See their documents")
	}
	if l.Authenticator {
		list = append(list, "Add an authenticator")
	}
	for _, q := range l.Requests {
		list = append(list, q.Kind().Label())
	}
	return list
}

// LeftFor works out what is left for each of some people, as they are now.
func LeftFor(ctx context.Context, r db.R, people map[string]identity.Identity) (map[string]Left, error) {
	left := map[string]Left{}
	var uuids []string
	for uuid := range people {
		uuids = append(uuids, uuid)
	}
	if len(uuids) == 0 {
		return left, nil
	}
	equipped, err := equipment.Equipped(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	asked, err := request.OpenAbout(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	for uuid, i := range people {
		left[uuid] = Left{Status: i.Status, Verify: !i.Verified && !i.Kind.Organisational(),
			Authenticator: !equipped[uuid], Requests: asked[uuid]}
	}
	return left, nil
}

// ToGive gives the first of the requests for a position that somebody may decide: not what they asked for.
func (l Left) ToGive(ctx context.Context, r db.R, reader deciding.Reader) (request.Request, bool, error) {
	for _, q := range l.Requests {
		if q.Kind() != request.GrantPosition || q.Decidable(reader.UUID, r.Now()) != nil {
			continue
		}
		may := true
		for _, act := range []permission.Act{permission.DecideRequest, permission.AssignPosition} {
			here, err := reader.MayAt(ctx, r, act, q.Organisation, permission.Yes)
			if err != nil {
				return q, false, err
			}
			may = may && here
		}
		if may {
			return q, true, nil
		}
	}
	return request.Request{}, false, nil
}
