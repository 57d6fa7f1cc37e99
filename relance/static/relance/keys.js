// What a browser says about a security key, in the words that the page holds.
"use strict";

document.addEventListener("allauth.error", (event) => {
  const box = document.getElementById("key-trouble");
  const words = box?.querySelector("p");
  if (!words) return;
  event.preventDefault();
  const name = event.detail.exception?.name ?? "";
  words.textContent = words.getAttribute(`data-${name}`) ?? words.getAttribute("data-else");
  box.hidden = false;
});
