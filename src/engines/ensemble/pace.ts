/** How far a row of runs is: `120 of 500 runs, 430 a second, 0:53 left`. */
export function describePace(done: number, all: number, elapsedMs: number): string {
  const text = `${done} of ${all} runs`;
  if (done === 0 || elapsedMs <= 0) return text;
  const perSecond = (done * 1000) / elapsedMs;
  const seconds = Math.ceil((all - done) / perSecond);
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  return `${text}, ${Number(perSecond.toPrecision(3))} a second${done < all ? `, ${left}` : ""}`;
}
