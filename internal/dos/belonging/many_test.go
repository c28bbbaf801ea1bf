package belonging_test

import (
	"context"
	"fmt"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/belonging"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/worldtest"
)

// administrators adds accounts that manage users, one in five everywhere and the others in a region.
func (w *world) administrators(region string, from, to int) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := from; i < to; i++ {
			scope := account.InRegion(region)
			if i%5 == 0 {
				scope = account.Everywhere
			}
			grants := append(account.UserAdministrator.In(scope), account.ProviderUser.In(scope)...)
			_, err := account.Add(ctx, u, account.New{Username: fmt.Sprintf("admin%04d", i), FirstName: "Ada",
				LastName: "Lead", Email: fmt.Sprintf("admin%04d@example.nhs.uk", i), Region: region,
				Organisation: "ZN1", Grants: grants})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// deciders gives how many can confirm that an account belongs to one of three organisations.
func (w *world) deciders(a account.Account) int {
	w.Helper()
	return len(worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]account.Account, error) {
		return belonging.Deciders(ctx, r, a, "ZN3", "ZN4", "ZN5")
	}))
}

func (w *world) service(s directory.Service) directory.Service {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		s, err = directory.Add(ctx, u, s, "")
		return err
	})
	return s
}

// helper is somebody in a region who may do several things at their own organisation, and claims to belong to another.
func (w *world) helper() account.Account {
	w.Helper()
	region := w.service(directory.Service{Name: "North", Type: directory.RegionType})
	for _, name := range []string{"Clinic", "Ward"} {
		w.service(directory.Service{Name: name, Type: 17, ODSCode: "ZN3", Parent: region.ID})
	}
	return w.person("helper", region.ID, "ZN2", account.ProviderUser.In(account.OwnOrganisation))
}

// What has to be read to find who can confirm an organisation does not grow with the administrators.
func TestStatementsForDecidersDoNotGrow(t *testing.T) {
	w := open(t)
	a := w.helper()
	asked := map[int]int{}
	before := 0
	for _, n := range []int{8, 24} {
		w.administrators(a.Region, before, n)
		before = n
		statements := dbtest.Statements(t, w.DB, func() {
			if found := w.deciders(a); found != n {
				t.Errorf("%d of %d administrators can confirm it", found, n)
			}
		})
		asked[n] = len(statements)
	}
	if asked[8] != asked[24] {
		t.Errorf("statements by administrators: %v", asked)
	}
}

// BenchmarkDeciders finds who of 500 administrators can confirm an organisation, as the page of who waits does.
func BenchmarkDeciders(b *testing.B) {
	const administrators = 500
	w := open(b)
	a := w.helper()
	w.administrators(a.Region, 0, administrators)
	before := worldtest.ProcessorTime(b)
	for b.Loop() {
		if found := w.deciders(a); found != administrators {
			b.Fatalf("%d can confirm it", found)
		}
	}
	used := worldtest.ProcessorTime(b) - before
	b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "processor-ms")
}
