/** What `Value` is without the properties that are undefined. */
type Present<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> };

/** Leaves out the fields that a change did not name, so that they keep their value in the database. */
export function withoutAbsent<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Present<Value>;
}
