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

    // A worker that was restarted does not know this page any more.
    document.addEventListener('components-reconnect-state-changed', event => {
        if (event.detail?.state === 'rejected' || event.detail?.state === 'failed')
            location.reload();
    });

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
