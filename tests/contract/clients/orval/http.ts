/** Sends the calls of the generated client to the service, with the token. */
export const session = { token: "" };

export async function call<T>(path: string, options: RequestInit): Promise<T> {
  const headers = new Headers(options.headers);
  if (session.token) headers.set("Authorization", `Bearer ${session.token}`);
  const answer = await fetch(process.env["IKU_URL"] + path, { ...options, headers });
  const text = await answer.text();
  return { data: text && JSON.parse(text), status: answer.status, headers: answer.headers } as T;
}
