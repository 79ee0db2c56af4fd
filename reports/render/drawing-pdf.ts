/** A drawing on a printed page: the same shapes as lines and letters of the PDF, not as pixels. */
import { type Box, type Drawing, hatchColor, type Label, type Sign } from './drawing.ts';
import { signPoints } from './drawing-svg.ts';
import type { Paper } from './pdf-paper.ts';

/** Between the strokes of a hatch, in points. */
const HATCH_STEP = 4;

/** Draws it with its upper left corner at a place of the current page. */
export function drawOnPaper(paper: Paper, drawing: Drawing, left: number, top: number): void {
  for (const shape of drawing.shapes) {
    switch (shape.kind) {
      case 'box':
        box(paper, { ...shape, x: shape.x + left, y: shape.y + top });
        break;
      case 'stroke':
        paper.stroke(
          shape.points.map(([x, y]) => [x + left, y + top] as const),
          shape,
        );
        break;
      case 'sign':
        sign(paper, { ...shape, x: shape.x + left, y: shape.y + top });
        break;
      case 'text':
        label(paper, { ...shape, x: shape.x + left, y: shape.y + top });
    }
  }
}

function box(paper: Paper, { x, y, width, height, tone, border }: Box): void {
  paper.shade(x, y, width, height, tone.color);
  if (tone.hatch !== undefined) {
    paper.clipped(x, y, width, height, () => {
      // From before the box to after it: slanting strokes reach in from both sides.
      for (let at = -height; at < width + height; at += HATCH_STEP) {
        const style = { color: hatchColor(tone), thickness: 0.5 };
        const from = x + at;
        if (tone.hatch !== 'falling') {
          paper.stroke(
            [
              [from, y + height],
              [from + height, y],
            ],
            style,
          );
        }
        if (tone.hatch !== 'rising') {
          paper.stroke(
            [
              [from, y],
              [from + height, y + height],
            ],
            style,
          );
        }
      }
    });
  }
  if (border !== undefined) {
    const corners = [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
      [x, y],
    ] as const;
    paper.stroke(corners, { color: border, thickness: 0.4 });
  }
}

function sign(paper: Paper, { sign: form, x, y, radius, color }: Sign): void {
  if (form === 'circle') paper.disc(x, y, radius, color);
  else paper.polygon(signPoints(form, x, y, radius), color);
}

function label(paper: Paper, { text, x, y, size, anchor, color, bold }: Label): void {
  const weight = bold ? 'bold' : 'regular';
  const width = paper.widthOf(text, size, weight);
  const back = anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width;
  // Paper places by the upper edge of the line.
  paper.text(text, x - back, y - size * 0.9, { size, weight, color });
}
