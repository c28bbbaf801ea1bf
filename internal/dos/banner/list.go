package banner

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

const selectBanner = `SELECT id, text, link, link_text, wave_id, begins_at, ends_at, made_at, made_name, up_at,
	up_name, down_at, down_name FROM banner`

func scanBanner(scan db.Scanner) (b Banner, err error) {
	err = scan(&b.ID, &b.Text, &b.Link, &b.LinkText, &b.Wave, db.At(&b.Begins), db.At(&b.Ends), db.At(&b.Made), &b.Name,
		db.At(&b.Up), &b.UpName, db.At(&b.Down), &b.DownName)
	return b, err
}

// ByID reads a message, or gives fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Banner, error) {
	b, err := db.One(ctx, r, scanBanner, selectBanner+` WHERE id = $1`, id)
	if err != nil {
		return b, fmt.Errorf("read banner: %w", err)
	}
	return b, nil
}

// open reads the messages that stand or will, the newest first.
func open(ctx context.Context, r db.R) ([]Banner, error) {
	list, err := db.All(ctx, r, scanBanner, selectBanner+` WHERE up_at IS NOT NULL AND down_at IS NULL AND ends_at > $1
		ORDER BY begins_at DESC, made_at DESC, id`, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read banners: %w", err)
	}
	return list, nil
}

// Open lists the messages that stand now, and those that will, the newest first.
func Open(ctx context.Context, r db.R) (standing, coming []Banner, err error) {
	list, err := open(ctx, r)
	for _, b := range list {
		if b.Stands(r.Now()) {
			standing = append(standing, b)
		} else {
			coming = append(coming, b)
		}
	}
	return standing, coming, err
}

const shut = ` WHERE (up_at IS NULL OR down_at IS NOT NULL OR ends_at <= $1)`

// Shut lists the messages that stand no more or were never put up, the one that was written last first, and says how
// many there are.
func Shut(ctx context.Context, r db.R, skip, limit int) (list []Banner, total int, err error) {
	if total, err = db.Value[int](ctx, r, `SELECT COUNT(*) FROM banner`+shut, r.Now()); err != nil {
		return nil, 0, fmt.Errorf("count banners that do not stand: %w", err)
	}
	list, err = db.All(ctx, r, scanBanner, selectBanner+shut+` ORDER BY made_at DESC, id LIMIT $2 OFFSET $3`, r.Now(),
		limit, skip)
	if err != nil {
		return nil, 0, fmt.Errorf("list banners that do not stand: %w", err)
	}
	return list, total, nil
}
