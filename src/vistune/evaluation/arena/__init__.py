"""Arena: two anonymous models answer, people vote, ratings with intervals.

``game.Arena`` is an arena without its page, ``app`` the page (needs Gradio), ``store`` the votes in SQL,
``leaderboard`` the ratings. Nothing is imported here: reading votes needs no network and no page.
"""
