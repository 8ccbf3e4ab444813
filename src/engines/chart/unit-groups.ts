/** The members of each unit, in order of first appearance; `""` stands for no unit. */
export function groupByUnit<Member extends { readonly unit?: string | undefined }>(
  members: readonly Member[],
): (readonly [unit: string, members: readonly Member[]])[] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const unit = member.unit ?? "";
    const group = groups.get(unit);
    if (group === undefined) groups.set(unit, [member]);
    else group.push(member);
  }
  return [...groups];
}
