// Pages work without this. It saves a click where a form leads straight on, and shows moments in the reader's own zone.
document.querySelectorAll("form[data-auto-submit]").forEach((form) => form.requestSubmit());
document.querySelectorAll("time[datetime]").forEach((time) => {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.valueOf())) return;
  time.title = time.textContent;
  time.textContent = moment.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
});
