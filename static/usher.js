// Pages work without this. It only saves a click where a form leads straight on.
document.querySelectorAll("form[data-auto-submit]").forEach((form) => form.requestSubmit());
