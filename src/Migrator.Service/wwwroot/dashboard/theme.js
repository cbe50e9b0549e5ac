// Before anything is painted: the colours that were chosen, else the system's.
(() => {
    let chosen = null;
    try { chosen = localStorage.getItem('migrator-theme'); } catch { /* storage is off */ }
    if (chosen === 'light' || chosen === 'dark')
        document.documentElement.dataset.theme = chosen;
})();
