/* Pushes to this browser: offered only where it can take them and has not agreed yet. */
(async () => {
  const form = document.querySelector("[data-push]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const key = Uint8Array.from(atob(form.dataset.push.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const worker = await navigator.serviceWorker.register(form.dataset.worker);
  form.hidden = Boolean(await worker.pushManager.getSubscription()) && Notification.permission === "granted";
  form.querySelector("button").addEventListener("click", async () => {
    if (await Notification.requestPermission() !== "granted") return;
    const old = await worker.pushManager.getSubscription();
    if (old) await old.unsubscribe();
    const agreed = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    form.elements.subscription.value = JSON.stringify(agreed);
    form.submit();
  });
})();
