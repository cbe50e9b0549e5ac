(() => {
    const root = document.documentElement;
    const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

    // The first press always changes something; the way round leads back to the system's colours.
    function nextTheme() {
        const other = systemIsDark.matches ? 'light' : 'dark';
        const same = systemIsDark.matches ? 'dark' : 'light';
        const next = root.dataset.theme === other ? same : root.dataset.theme === same ? null : other;
        if (next)
            root.dataset.theme = next;
        else
            delete root.dataset.theme;
        try {
            if (next)
                localStorage.setItem('migrator-theme', next);
            else
                localStorage.removeItem('migrator-theme');
        } catch { /* storage is off */ }
    }

    document.addEventListener('click', event => {
        if (event.target.closest('[data-theme-toggle]'))
            nextTheme();
        else if (event.target.closest('[data-reload]')) {
            event.preventDefault();
            location.reload();
        } else if (event.target.closest('a.skip')) {
            event.preventDefault();
            document.getElementById('main')?.focus();
        }
    }, true);

    // Logging out ends the connection of the page, too, before the answer is there that leads elsewhere.
    let leaving = false;
    document.addEventListener('submit', () => leaving = true);

    // The event does not bubble: it is caught on its way down.
    document.addEventListener('components-reconnect-state-changed', event => {
        const state = leaving ? null : event.detail?.state;
        if (state === 'show' && !event.target.open) {
            event.target.showModal();
            reloadOnceLoggedOut(event.target);
        } else if (state === 'hide')
            event.target.close();
        else if (state === 'rejected') // A worker that was restarted does not know this page any more.
            location.reload();
        else if (state === 'failed')
            reloadOnceItAnswers();
    }, true);

    // A user who was logged out by another page, or by a restart of the worker, would try again for minutes without success.
    function reloadOnceLoggedOut(dialog) {
        if (!dialog.open)
            return;
        const again = () => setTimeout(reloadOnceLoggedOut, 5000, dialog);
        fetch('runs/0/report.json', { cache: 'no-store' }).then(answer => answer.status === 401 ? location.reload() : again(), again);
    }

    // To reload while nobody answers would put the browser's own page of failure here, which tries nothing again.
    function reloadOnceItAnswers() {
        const again = () => setTimeout(reloadOnceItAnswers, 5000);
        fetch('dashboard/favicon.svg', { cache: 'no-store' }).then(answer => answer.ok ? location.reload() : again(), again);
    }

    let listening = null;
    document.addEventListener('visibilitychange', () => listening?.invokeMethodAsync('Seen', !document.hidden).catch(() => { }));

    window.migratorDashboard = {
        tellVisibility(listener) {
            listening = listener;
            root.dataset.live = '';
            return !document.hidden;
        },
    };
})();
