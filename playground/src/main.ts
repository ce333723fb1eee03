import { Plane } from "./plane.js";
import { RacePanel } from "./race-panel.js";
import { startTabs } from "./tabs.js";

new Plane();

new RacePanel();
startTabs();
