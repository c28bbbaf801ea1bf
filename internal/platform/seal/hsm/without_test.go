//go:build !hsm

package hsm_test

import (
	"errors"
	"strings"
	"testing"

	"signpost/internal/platform/seal/hsm"
)

func TestUsualBuildSaysThatItHasNoPKCS11(t *testing.T) {
	_, err := hsm.Open(hsm.Options{Module: "/usr/lib/softhsm/libsofthsm2.so", Token: "signpost", PIN: "1234", Key: "master"})
	if !errors.Is(err, hsm.ErrNotBuilt) || !strings.Contains(err.Error(), "make build-hsm") {
		t.Errorf("%v", err)
	}
}
