package picture

import "image"

// Look is what can be measured of a picture: whether somebody who looks at it will see anything.
type Look struct {
	Brightness float64 // from 0, all black, to 255, all white
	Sharpness  float64 // the variance of the Laplacian of the brightness: low where nothing has an edge
}

// What a picture is at least, so that people can look at it. The bounds are wide: a person decides.
const (
	minBrightness = 40
	maxBrightness = 250
	minSharpness  = 6
)

// TooDark reports whether hardly anything can be seen.
func (l Look) TooDark() bool { return l.Brightness < minBrightness }

// TooBright reports whether the light has eaten nearly everything.
func (l Look) TooBright() bool { return l.Brightness > maxBrightness }

// Blurred reports whether nothing in the picture has an edge.
func (l Look) Blurred() bool { return l.Sharpness < minSharpness }

// measuredSide is the longer side, in pixels, at which a picture is measured: grain of the sensor does not count then.
const measuredSide = 500

func lookOf(drawn *image.RGBA) (l Look) {
	small := smaller(drawn, min(measuredSide, max(drawn.Bounds().Dx(), drawn.Bounds().Dy())))
	width, height := small.Bounds().Dx(), small.Bounds().Dy()
	at := func(x, y int) float64 {
		c := small.RGBAAt(x, y)
		return 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
	}
	var sum, edges, squares, n float64
	for y := range height {
		for x := range width {
			sum += at(x, y)
			if x == 0 || y == 0 || x == width-1 || y == height-1 {
				continue
			}
			edge := at(x-1, y) + at(x+1, y) + at(x, y-1) + at(x, y+1) - 4*at(x, y)
			edges += edge
			squares += edge * edge
			n++
		}
	}
	l.Brightness = sum / float64(width*height)
	if n > 0 {
		l.Sharpness = squares/n - (edges/n)*(edges/n)
	}
	return l
}
