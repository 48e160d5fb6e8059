// Is this server ready for calls? Exit 0 if /readyz says so, else 1 with the reason.
// TRUNKLINE_HEALTH_URL where the API is not at its default place.
const url = process.env.TRUNKLINE_HEALTH_URL ?? 'http://127.0.0.1:8080/readyz';
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (response.status === 200) process.exit(0);
  console.error(`${response.status}: ${(await response.text()).slice(0, 1_000)}`);
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
}
process.exit(1);
