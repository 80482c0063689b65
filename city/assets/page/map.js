// The page of `wayfare city serve`: the map of the pack, its search, and routes between two clicks.

import { Map as CityMap, Marker, NavigationControl, addProtocol } from "/map-library/maplibre-gl.mjs";

const ROUTE_COLOURS = { day: ["#0b5f5c", "#ffffff"], night: ["#93a982", "#0d0a07"] };
const SEARCH_WAIT_MS = 150;

const element = (id) => document.getElementById(id);
const trouble = element("trouble");
const route = element("route");
const found = element("found");

const look = { name: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day" };
const stops = [];
let line = null;

addProtocol("pmtiles", new pmtiles.Protocol().tile);

const map = new CityMap({
  container: "map",
  style: styleAddress(),
  hash: true,
  attributionControl: { compact: false },
});
map.addControl(new NavigationControl(), "bottom-right");
map.on("style.load", drawRoute);
map.on("click", (event) => addStop(event.lngLat));
map.on("idle", () => document.documentElement.setAttribute("data-map", "idle"));
map.on("error", (event) => tell(event.error?.message ?? "The map cannot be drawn."));

showLook();
element("look").addEventListener("click", () => {
  look.name = look.name === "day" ? "night" : "day";
  showLook();
  map.setStyle(styleAddress());
});

let typing;
element("text").addEventListener("input", (event) => {
  clearTimeout(typing);
  const text = event.target.value.trim();
  typing = setTimeout(() => search(text), SEARCH_WAIT_MS);
});
element("search").addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("button")?.click();
});

function styleAddress() {
  return `/v1/city/style-${look.name}.json`;
}

function showLook() {
  document.documentElement.dataset.look = look.name;
  const button = element("look");
  button.textContent = look.name === "day" ? "Night" : "Day";
  button.setAttribute("aria-pressed", String(look.name === "night"));
}

function tell(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

async function ask(address, options) {
  const answer = await fetch(address, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? `The server answered ${answer.status}.`);
  return body;
}

async function search(text) {
  if (text.length < 2) return showFound([]);
  const { lat, lng } = map.getCenter();
  const query = new URLSearchParams({ q: text, lat, lng });
  try {
    const answer = await ask(`/v1/places/search?${query}`);
    // A later answer may have come first.
    if (element("text").value.trim() === text) showFound(answer.places ?? []);
    tell("");
  } catch (error) {
    tell(error.message);
  }
}

function showFound(places) {
  const rows = places.map((place) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    const context = document.createElement("small");
    button.type = "button";
    button.textContent = place.name;
    context.textContent = place.context ?? "";
    button.append(context);
    button.addEventListener("click", () => goTo(place));
    row.append(button);
    return row;
  });
  found.replaceChildren(...rows);
  found.hidden = rows.length === 0;
}

function goTo(place) {
  const at = place.at ?? place;
  showFound([]);
  element("text").value = place.name;
  map.flyTo({ center: [at.lng, at.lat], zoom: 16 });
}

function addStop(at) {
  if (stops.length === 2) clearStops();
  const marker = new Marker({ color: ROUTE_COLOURS[look.name][0] }).setLngLat(at).addTo(map);
  stops.push({ at, marker });
  if (stops.length === 2) findRoute();
}

function clearStops() {
  for (const { marker } of stops.splice(0)) marker.remove();
  line = null;
  route.hidden = true;
  drawRoute();
}

async function findRoute() {
  const points = stops.map(({ at }) => ({ lat: at.lat, lng: at.lng }));
  try {
    const way = await ask("/v1/routes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ stops: points, steps: false, geometry: true }),
    });
    line = way.geometry.map(([lat, lng]) => [lng, lat]);
    const km = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
    route.textContent = `${km.format(way.distance_m / 1000)} km · ${Math.ceil(way.duration_s / 60)} min`;
    route.hidden = false;
    tell("");
  } catch (error) {
    line = null;
    tell(error.message);
  }
  drawRoute();
}

// Called again after each change of the look, which takes everything off the map.
function drawRoute() {
  const data = {
    type: "Feature",
    properties: {},
    geometry: { type: "LineString", coordinates: line ?? [] },
  };
  const source = map.getSource("route");
  if (source) return source.setData(data);
  if (!line) return;
  const [colour, casing] = ROUTE_COLOURS[look.name];
  const names = map.getStyle().layers.find((layer) => layer.type === "symbol")?.id;
  const layout = { "line-cap": "round", "line-join": "round" };
  const layer = (id, paint) =>
    map.addLayer({ id, type: "line", source: "route", layout, paint }, names);
  map.addSource("route", { type: "geojson", data });
  layer("route-casing", { "line-color": casing, "line-width": 10 });
  layer("route", { "line-color": colour, "line-width": 6 });
}
