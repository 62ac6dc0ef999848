// A function of the rules: each query parameter of a list is named like a field of its items, as the start or the end of a
// field that is a date or an instant (`delivered_from` of `delivered_on`), or stands in `others`.
export default function filterIsField(operation, { others }) {
  const page = operation.responses?.["200"]?.content?.["application/json"]?.schema;
  const fields = Object.keys(page?.properties?.items?.items?.properties ?? {});
  const isField = (name) => {
    const time = /^(.+)_(from|to)$/.exec(name)?.[1];
    return fields.includes(name) || fields.includes(`${time}_on`) || fields.includes(`${time}_at`);
  };
  return (operation.parameters ?? [])
    .filter((p) => p.in === "query" && !others.includes(p.name) && !isField(p.name))
    .map((p) => ({ message: `the filter ${p.name} is no field of the list` }));
}
