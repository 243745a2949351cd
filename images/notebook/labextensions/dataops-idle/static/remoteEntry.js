// Tells the server when a person last touched the page, and warns before it stops because nobody does (decision 14).
// Written as JupyterLab loads it, a container of module federation, so that nothing has to be built.
(() => {
  const SECONDS = 20; // between two questions, unless the moment of the warning comes sooner
  let shared; // JupyterLab's own packages, by name and version
  let touched = Date.now();
  let warning; // the notification that is shown

  const load = async name => (await Object.values(shared[name])[0].get())();

  const activate = async app => {
    const { Notification } = await load("@jupyterlab/apputils");
    const { ServerConnection } = await load("@jupyterlab/services");
    const settings = app.serviceManager.serverSettings;

    const ask = async () => {
      const body = JSON.stringify({ ago: (Date.now() - touched) / 1000 });
      const answer = await ServerConnection.makeRequest(`${settings.baseUrl}dataops/idle`, { method: "POST", body }, settings);
      if (answer.status === 404) return Infinity; // a place that stops no server
      if (!answer.ok) return SECONDS;
      const { left, warn } = await answer.json();
      if (left > warn) {
        if (warning) Notification.dismiss(warning);
        warning = undefined;
        return left - warn;
      }
      // a time of the clock stays true for as long as the message is shown
      const when = new Date(Date.now() + left * 1000).toLocaleTimeString();
      const message = `Nobody uses this server: it stops at ${when}. Files stay, variables are lost. Move the mouse here to keep it.`;
      if (warning) Notification.update({ id: warning, message });
      else warning = Notification.warning(message, { autoClose: false });
      return SECONDS;
    };
    const askAgain = async () => {
      const seconds = await ask().catch(() => SECONDS); // JupyterLab itself says when the server is away
      if (seconds < Infinity) setTimeout(askAgain, Math.min(seconds, SECONDS) * 1000);
    };

    const touch = () => {
      const before = touched;
      touched = Date.now();
      if (warning && touched - before > 1000) ask().catch(() => {});
    };
    for (const kind of ["pointermove", "pointerdown", "wheel", "keydown"]) {
      window.addEventListener(kind, touch, { capture: true, passive: true });
    }
    askAgain();
  };

  (window._JUPYTERLAB = window._JUPYTERLAB || {})["dataops-idle"] = {
    init: scope => { shared = scope; },
    get: async () => () => ({ id: "dataops-idle:warning", autoStart: true, activate }),
  };
})();
