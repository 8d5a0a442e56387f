const list = document.querySelector('#accounts');

try {
  const answer = await fetch('/api/accounts');
  const { accounts } = await answer.json();
  for (const { owner, currency } of accounts) {
    const line = document.createElement('li');
    line.textContent = `${owner}: ${currency}`;
    list.append(line);
  }
} catch (error) {
  list.textContent = `The backend does not answer: ${error.message}`;
}
