package readiness

import "signpost/internal/national/path"

// together makes one Care Identity of the rows that have its number, as lists have a row for each position or
// authenticator of somebody. Rows of one number with another address or name are left apart: somebody has to look.
func together(rows []Identity) []Identity {
	type whose struct {
		uuid, key string
		name      uint64
	}
	first := make(map[whose]int, len(rows))
	list := rows[:0]
	for _, one := range rows {
		of := whose{one.UUID, one.key, one.name}
		at, again := first[of]
		if !again || one.UUID == "" {
			first[of] = len(list)
			list = append(list, one)
			continue
		}
		list[at].add(one)
	}
	return list
}

// add takes in what another row of the same Care Identity says. What one of somebody's positions or authenticators is
// good for counts; what is said of the person counts where all rows agree.
func (i *Identity) add(other Identity) {
	i.Active = i.Active && other.Active
	if other.Verified != path.Yes && i.Verified != path.No {
		i.Verified = other.Verified
	}
	i.Position = best(i.Position, other.Position)
	i.Approved = best(i.Approved, other.Approved)
	i.kinds |= other.kinds
	unknown := i.Level < 0 || other.Level < 0
	if i.Level = max(i.Level, other.Level); i.Level == 0 && unknown {
		i.Level = -1
	}
}

// best is yes where one of two is, and no where both are.
func best(one, other path.Known) path.Known {
	switch {
	case one == path.Yes || other == path.Yes:
		return path.Yes
	case one == path.No && other == path.No:
		return path.No
	}
	return path.Unknown
}
