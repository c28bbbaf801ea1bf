package cli

import (
	"fmt"
	"slices"
	"strings"

	"signpost/internal/config"
)

// Sites is the flag by which a command is told which sites a node runs. A command embeds it.
type Sites struct {
	Sites string `help:"Which sites this node runs." default:"dos,cis2,cim"`
}

// Chosen lists the sites.
func (s Sites) Chosen() ([]string, error) {
	chosen := strings.Split(s.Sites, ",")
	for _, name := range chosen {
		if !slices.Contains(config.Sites, name) {
			all := strings.Join(config.Sites, ", ")
			return nil, UsageError(fmt.Sprintf("--sites: there is no site %q, only %s", name, all))
		}
	}
	return chosen, nil
}
