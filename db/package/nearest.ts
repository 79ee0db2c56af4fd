/** The nearest known name as a remark in a message; nothing where none is near. */
import { nearestName } from '../../engine/policy/nearest.ts';

export function nearestHint(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `（最接近的是“${nearest}”）`;
}
