// A menu closes once a link in it is taken, or when something else is touched.
document.addEventListener("click", (event) => {
  const inside = event.target.closest("details.menu");
  const taken = event.target.closest("details.menu a");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== inside || taken) menu.open = false;
  }
});
