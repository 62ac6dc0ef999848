export default {
  iku: {
    input: process.env.DOCUMENT,
    output: {
      client: "fetch",
      mode: "split",
      target: "client/iku.ts",
      override: { mutator: { path: "./http.ts", name: "call" } },
    },
  },
};
