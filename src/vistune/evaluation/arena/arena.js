// Keys 1 to 4 vote, n goes on; never while somebody types, and never with Ctrl, Alt or Meta.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const id = { 1: "vote-a", 2: "vote-b", 3: "vote-tie", 4: "vote-bad", n: "next" }[event.key];
  const button = id && document.getElementById(id);
  if (button && !button.disabled && button.offsetParent) button.click();
});
