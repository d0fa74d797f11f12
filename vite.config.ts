import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

export default defineConfig({
  root: "dashboard",
  // Relative, so that the page also works below a path of a reverse proxy.
  base: "./",
  plugins: [preact()],
  build: {
    target: "es2023",
    manifest: true,
    // The icon stays a file: a content security policy of 'self' refuses data URLs.
    assetsInlineLimit: 0,
    // Every browser with <dialog> and light-dark() knows modulepreload.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: "dashboard/index.html", operator: "dashboard/operator.css" },
      output: {
        // The pages that the server draws itself name their style before it is built.
        assetFileNames: ({ names }) =>
          names.includes("operator.css") ? "operator.css" : "assets/[name]-[hash][extname]",
      },
    },
  },
  // `vite` alone serves the page with hot reload in front of a server started by `npm start`.
  server: { proxy: { "/v1": { target: "http://localhost:8080", ws: true } } },
});
