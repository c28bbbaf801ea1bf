package authenticator

import (
	"slices"

	"signpost/internal/platform/relying"
)

// Elsewhere is where people have accounts of others by which they may prove themselves, as an operator names it.
type Elsewhere struct {
	Name   string // in the address of its callback
	Label  string // as people know it
	Client *relying.Client
	Tenant string // that the claim tid must name; empty for any

	// ByObject tells accounts apart by the claim oid, which a tenant of Entra gives an account for all of its clients,
	// and not by sub, which is another for each client. Only with a Tenant.
	ByObject bool

	// What of amr or acr shows that it asked for a second factor: one of them is enough.
	AMR []string
	ACR []string

	// Organisations whose people may use it while it is on trial: their codes, or Everybody.
	Organisations []string
}

// Everybody stands for the people of all organisations.
const Everybody = "*"

// Offers reports whether the people of an organisation may use it.
func (e Elsewhere) Offers(organisation string) bool {
	return slices.Contains(e.Organisations, Everybody) || slices.Contains(e.Organisations, organisation)
}
