// Pages work without this. It saves a click where a form leads straight on, shows moments in the reader's own zone, copies, and looks again at what is under way.
document.querySelectorAll("form[data-auto-submit]").forEach((form) => form.requestSubmit());
document.querySelectorAll("time[datetime]").forEach((time) => {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.valueOf())) return;
  time.title = time.textContent;
  time.textContent = moment.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
});
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.firstChild.textContent = button.dataset.done;
  });
});
const live = document.querySelector("[data-live]");
if (live) setTimeout(() => (live.dataset.live ? location.replace(live.dataset.live) : location.reload()), 3000);
