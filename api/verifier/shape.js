// What a value read from JSON must look like: exactly these fields, each of this form.
//
// A form tells whether a value is one. `fields` takes a name for each form; one that may be left
// out is wrapped in `maybe`. Nothing else may stand there.

export const integer = (min) => (value) => Number.isSafeInteger(value) && value >= min;

export const text = ({ pattern = null, min = 0, max = Infinity } = {}) => (value) => {
  if (typeof value !== "string" || (pattern && !pattern.test(value))) return false;
  const length = max === Infinity && min <= 1 ? value.length : Array.from(value).length;
  return length >= min && length <= max;
};

export const oneOf = (...values) => (value) => values.includes(value);

export const list = (form, { min = 0, max = Infinity } = {}) => (value) =>
  Array.isArray(value) && value.length >= min && value.length <= max && value.every(form);

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

export function maybe(form) {
  const optional = (value) => form(value);
  optional.optional = true;
  return optional;
}

export const fields = (forms) => (value) =>
  isObject(value) &&
  Object.keys(value).every((name) => Object.hasOwn(forms, name)) &&
  Object.entries(forms).every(([name, form]) => (name in value ? form(value[name]) : form.optional === true));

export const HASH = text({ pattern: /^[0-9a-f]{64}$/ });
export const UUID = text({ pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ });
export const MONTH = text({ pattern: /^[0-9]{4}-(0[1-9]|1[0-2])$/ });
